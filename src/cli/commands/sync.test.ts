import type { Application, Source } from '../client/types';
import { progressOf } from './sync';

const source = (status: Partial<Source['status']> = {}) => ({ status: { fetchedAt: 'before', ...status } }) as Source;
const after = source({ fetchedAt: 'after' });
const application = (targets: Partial<Application['status']['targets']>, status: Partial<Application['status']> = {}) =>
  ({
    spec: { source: 'web' },
    status: {
      state: 'ready',
      evaluated: true,
      targets: { total: 2, unknown: 0, failed: 0, drifted: 0, progressing: 0, inSync: 0, ...targets },
      ...status,
    },
  }) as Application;

describe('a sync', () => {
  it.each([
    ['goes on until the source was read again', source(), application({ inSync: 2 }), { kind: 'going' }],
    ['goes on until that was taken in', after, application({ inSync: 2 }, { evaluated: false }), { kind: 'going' }],
    ['goes on while targets progress', after, application({ progressing: 1, failed: 1 }), { kind: 'going' }],
    ['ends when all are in sync', after, application({ inSync: 2 }), { kind: 'done' }],
    ['ends when the others are not well', after, application({ inSync: 1, failed: 1 }), { kind: 'unhealthy' }],
    ['fails with its source', source({ failingSince: 'x', message: 'gone' }), application({}), { kind: 'failed' }],
    ['fails when it cannot be rendered', after, application({}, { state: 'failing' }), { kind: 'failed' }],
  ])('%s', (_, now, state, expected) => {
    expect(progressOf(source(), now, state)).toMatchObject(expected);
  });
});
