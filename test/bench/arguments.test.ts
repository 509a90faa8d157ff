import { readArguments } from './arguments';

describe('the arguments of npm run bench', () => {
  const read = (...argv: string[]) => readArguments(argv, ['latency', 'selective']);

  it('takes a name, and --json on either side of it', () => {
    expect(read('latency')).toEqual({ kind: 'run', name: 'latency', json: false });
    expect(read('latency', '--json')).toEqual({ kind: 'run', name: 'latency', json: true });
    expect(read('--json', 'selective')).toEqual({ kind: 'run', name: 'selective', json: true });
  });

  it('explains rather than runs when asked to', () => {
    expect(read('--list')).toEqual({ kind: 'list' });
    expect(read('latency', '--help')).toEqual({ kind: 'help' });
    expect(read('-h')).toEqual({ kind: 'help' });
  });

  it.each([
    [[], 'say which bench: latency, selective'],
    [['speed'], 'there is no bench speed; there are latency, selective'],
    [['latency', 'selective'], 'one bench at a time'],
    [['latency', '--fast'], 'there is no option --fast'],
  ])('says what is wrong with %j', (argv, message) => {
    expect(read(...argv)).toEqual({ kind: 'wrong', message: expect.stringContaining(message) as string });
  });
});
