import { chooseProtocol } from './versions';

describe('the version of the protocol', () => {
  it('is the newest that both sides speak', () => {
    expect(chooseProtocol([2, 1], [1])).toEqual({ ok: true, version: 1 });
    expect(chooseProtocol([2, 1], [1, 2, 3])).toEqual({ ok: true, version: 2 });
    expect(chooseProtocol([3, 2], [2, 1])).toEqual({ ok: true, version: 2 });
  });

  it('is refused with the side that is to be upgraded', () => {
    expect(chooseProtocol([3, 2], [1])).toEqual({
      ok: false,
      message: expect.stringMatching(/speaks protocol 1, this hub 2 and 3; the agent is too old: upgrade it/),
    });
    expect(chooseProtocol([1], [3, 2])).toEqual({
      ok: false,
      message: expect.stringMatching(
        /speaks protocol 2 and 3, this hub 1; the agent is too new: upgrade the hub first/,
      ),
    });
  });
});
