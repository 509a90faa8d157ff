import { assessHealth } from '../assess';

function batch(kind: 'Job' | 'CronJob', spec: object, status: object | undefined) {
  return assessHealth({ apiVersion: 'batch/v1', kind, metadata: { name: 'migrate' }, spec, status });
}

const condition = (type: string, reason = '', message = '', status = 'True') => ({ type, status, reason, message });
const limit = condition('Failed', 'BackoffLimitExceeded', 'Job has reached the specified backoff limit');
const startTime = '2026-01-01T00:00:00Z';

describe('the health of a Job', () => {
  it.each<[string, object, object | undefined, string, string, string]>([
    ['no status', {}, undefined, 'progressing', 'JobNotStarted', 'not started'],
    [
      'running',
      { completions: 4 },
      { startTime, active: 1, succeeded: 1, failed: 2 },
      'healthy',
      'Running',
      '1 succeeded, 1 active, 2 failed',
    ],
    [
      'complete',
      { completions: 4 },
      { startTime, succeeded: 4, conditions: [condition('Complete')] },
      'healthy',
      'Complete',
      '4 of 4',
    ],
    [
      'complete, by parallelism',
      { parallelism: 3 },
      { succeeded: 3, conditions: [condition('Complete')] },
      'healthy',
      'Complete',
      '3 of 3',
    ],
    ['failed', {}, { startTime, failed: 7, conditions: [limit] }, 'degraded', 'BackoffLimitExceeded', 'backoff limit'],
    [
      'failed, nothing said',
      {},
      { startTime, conditions: [condition('Failed')] },
      'degraded',
      'JobFailed',
      'it has failed',
    ],
    ['not failed', {}, { startTime, conditions: [{ ...limit, status: 'False' }] }, 'healthy', 'Running', ''],
    ['suspended', { suspend: true }, { conditions: [condition('Suspended')] }, 'healthy', 'Suspended', 'spec.suspend'],
    [
      'resumed, with the condition left',
      { suspend: false },
      { conditions: [condition('Suspended')] },
      'progressing',
      'JobNotStarted',
      '',
    ],
    ['to be suspended', { suspend: true }, {}, 'progressing', 'JobNotStarted', ''],
  ])('%s', (_, spec, status, expected, reason, message) => {
    expect(batch('Job', spec, status)).toEqual({ status: expected, reason, message: expect.stringContaining(message) });
  });
});

describe('the health of a CronJob', () => {
  it.each<[string, object, object | undefined, string, string]>([
    ['no status', { schedule: '0 * * * *' }, undefined, 'Current', 'not been due'],
    ['has run', { schedule: '0 * * * *' }, { lastScheduleTime: startTime }, 'Current', startTime],
    ['suspended', { suspend: true }, {}, 'Suspended', 'spec.suspend'],
  ])('%s', (_, spec, status, reason, message) => {
    const expected = { status: 'healthy', reason, message: expect.stringContaining(message) };
    expect(batch('CronJob', spec, status)).toEqual(expected);
  });
});
