import { CliError } from '../errors';
import { exitCodes } from '../exit-codes';
import { memoryIo } from '../testing/memory-io';
import { watch } from './watch';

/** Watches values, one at each turn; an error is thrown at its turn. */
async function watched(values: (string | Error)[], isTTY = false) {
  const turns = [...values];
  const io = memoryIo({
    isTTY,
    onSleep: () => {
      if (turns.length === 0) io.interrupt();
    },
  });
  await watch(io, {
    load: () => {
      const next = turns.shift();
      return next instanceof Error ? Promise.reject(next) : Promise.resolve(next ?? '');
    },
    show: (value) => `${value}\n`,
    key: (value) => value.replace(/\d+s/, ''),
  });
  return io.taken();
}

const unreachable = new CliError(exitCodes.unreachable, 'cannot reach the hub');

describe('watching', () => {
  it('prints below what was there, and only what is new', async () => {
    expect(await watched(['a 1s', 'a 2s', 'b 3s'])).toEqual({ out: 'a 1s\n\nb 3s\n', err: '' });
  });

  it('draws in the same place on a terminal, ages included', async () => {
    const { out } = await watched(['a 1s', 'a 2s'], true);
    expect(out).toBe('\u001b[H\u001b[Ja 1s\n\u001b[H\u001b[Ja 2s\n');
  });

  it('goes on when the hub is away for a while, and says so once', async () => {
    const { out, err } = await watched(['a', unreachable, unreachable, 'b']);
    expect(out).toBe('a\n\nb\n');
    expect(err).toBe('cannot reach the hub; trying again\nthe hub answers again\n');
  });

  it('fails when the hub was never there, and for what waiting does not mend', async () => {
    await expect(watched([unreachable])).rejects.toBe(unreachable);
    const refused = new CliError(exitCodes.unauthorised, 'no');
    await expect(watched(['a', refused])).rejects.toBe(refused);
  });
});
