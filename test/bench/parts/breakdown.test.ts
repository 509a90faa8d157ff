import { breakdown } from './breakdown';

describe('where the time of a push goes', () => {
  const at = (ms: number) => new Date(ms).toISOString();
  const hub = [
    { msg: 'new commit', commit: 'c1', traceId: 't1', time: at(1_030) },
    { msg: 'new release', traceId: 't1', time: at(1_070) },
    { msg: 'authorised', traceId: 't1', time: at(1_090) },
    { msg: 'built roots', time: at(1_100) },
  ];
  const agents = [
    { msg: 'a desired state is in force', traces: { a: 't1' }, time: at(1_140) },
    { msg: 'a desired state is in force', traces: { a: 't1' }, time: at(1_150) },
  ];

  it('takes each step from the one before, and of the agents the slowest', () => {
    const lines = breakdown([{ commit: 'c1', sentAtMs: 1_000, seenAtMs: 1_155 }], hub, agents);
    expect(lines.map((line) => line.trim().replace(/\s+/g, ' '))).toEqual([
      'fetched + 30 ms',
      'released + 40 ms',
      'authorised + 20 ms',
      'root built + 10 ms',
      'root held by agents + 50 ms',
      'seen by watches + 5 ms',
    ]);
  });

  it('leaves out what the logs do not tell', () => {
    expect(breakdown([{ commit: 'c2', sentAtMs: 0, seenAtMs: 9 }], hub, agents)).toEqual([
      '  seen by watches        +     9 ms',
    ]);
  });
});
