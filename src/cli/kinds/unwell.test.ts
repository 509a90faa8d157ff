import type { Target } from '../client/types';
import { clustersText, unwellOf } from './unwell';

const target = (application: string, cluster: string, message: string): Target =>
  ({ application, cluster, state: 'failed', message }) as Target;

describe('targets that are not well', () => {
  it('are one line where application, state and reason are the same', () => {
    const targets = [
      target('web', 'a', 'x'),
      target('web', 'b', 'y'),
      target('web', 'c', 'x'),
      target('api', 'a', 'x'),
    ];
    expect(unwellOf(targets)).toEqual([
      { application: 'web', state: 'failed', message: 'x', clusters: ['a', 'c'] },
      { application: 'web', state: 'failed', message: 'y', clusters: ['b'] },
      { application: 'api', state: 'failed', message: 'x', clusters: ['a'] },
    ]);
  });

  it('name the first clusters, and count the others', () => {
    expect(clustersText(['a', 'b', 'c'])).toBe('a, b, c');
    expect(clustersText(['a', 'b', 'c', 'd'])).toBe('a, b and 2 more');
  });
});
