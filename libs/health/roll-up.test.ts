import { degraded, healthy, progressing, unknown, type Health } from './health';
import { rollUpHealth } from './roll-up';

const of = (name: string, health: Health) => ({
  object: { group: 'apps', kind: 'Deployment', namespace: 'web', name },
  health,
});
const good = of('good', healthy('fine'));
const moving = of('moving', progressing('TooFewReady', '1 of 3 replicas are ready'));
const lost = of('lost', unknown('UnknownPhase', 'no word'));
const bad = of('bad', degraded('ProgressDeadlineExceeded', 'timed out'));

describe('rollUpHealth', () => {
  it('is the worst of its objects, and names it', () => {
    expect(rollUpHealth([good, moving, bad, lost])).toEqual({
      status: 'degraded',
      reason: 'ProgressDeadlineExceeded',
      message: 'Deployment web/bad: timed out',
    });
  });

  it('takes unknown for worse than progressing, since it is not good', () => {
    expect(rollUpHealth([moving, lost, good]).status).toBe('unknown');
    expect(rollUpHealth([good, moving]).status).toBe('progressing');
  });

  it('speaks of the first of the worst, and counts the others', () => {
    const health = rollUpHealth([moving, bad, of('worse', degraded('X', 'x')), moving]);
    expect(health.message).toBe('Deployment web/bad: timed out (and 1 more degraded)');
  });

  it('is healthy when all are, or when there is nothing', () => {
    expect(rollUpHealth([good, good])).toMatchObject({ status: 'healthy', message: 'all 2 objects are healthy' });
    expect(rollUpHealth([good])).toMatchObject({ status: 'healthy', message: 'its object is healthy' });
    expect(rollUpHealth([])).toMatchObject({ status: 'healthy', reason: 'Empty' });
  });

  it('fits into a report', () => {
    const long = of('n'.repeat(253), degraded('X', 'm'.repeat(5_000)));
    const { message } = rollUpHealth([long, long]);
    expect(message).toHaveLength(1_000);
    expect(message).toContain('(and 1 more degraded)');
  });
});
