import { describePlacement, place, placementSchema } from './place';

const cluster = { name: 'fra-1', region: 'eu-central', labels: { tier: 'web', canary: 'true' } };
const parse = (value: unknown) => placementSchema.parse(value);

describe('placement', () => {
  it.each([
    [{ all: true }, 'all clusters'],
    [{ regions: ['eu-central'] }, 'eu-central'],
    [{ clusters: ['fra-1', 'fra-2'] }, 'fra-1'],
    [{ matchLabels: { tier: 'web' } }, 'tier=web'],
    [{ matchExpressions: [{ key: 'canary', operator: 'Exists' }] }, 'canary Exists'],
    [{ matchExpressions: [{ key: 'zone', operator: 'NotIn', values: ['a'] }] }, 'zone NotIn (a)'],
  ])('places by %j, and says why', (placement, why) => {
    const verdict = place(parse(placement), cluster);
    expect(verdict.placed).toBe(true);
    expect(verdict.reason).toContain(why);
  });

  it.each([
    [{ regions: ['us-east'] }, 'region is eu-central, not one of us-east'],
    [{ clusters: ['fra-2'] }, 'cluster fra-1 is not among the 1 that are named'],
    [{ matchLabels: { tier: 'db' } }, 'label tier is "web", not "db"'],
    [{ matchLabels: { zone: 'a' } }, 'label zone is not set, not "a"'],
    [{ matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['web'] }] }, 'does not meet tier NotIn (web)'],
    [{ matchExpressions: [{ key: 'canary', operator: 'DoesNotExist' }] }, 'does not meet canary DoesNotExist'],
    [{ regions: ['eu-central'], matchLabels: { tier: 'db' } }, 'label tier'],
  ])('does not place by %j, and says why', (placement, why) => {
    const verdict = place(parse(placement), cluster);
    expect(verdict.placed).toBe(false);
    expect(verdict.reason).toContain(why);
  });

  it.each([
    [{}, 'all: true'],
    [{ matchLabels: {} }, 'all: true'],
    [{ all: true, regions: ['a'] }, 'stands alone'],
    [{ matchExpressions: [{ key: 'a', operator: 'In' }] }, 'need values'],
    [{ matchLabels: { 'not a key': 'x' } }, 'label key'],
    [{ regionz: ['eu'] }, 'regionz'],
  ])('refuses %j', (placement, why) => {
    const parsed = placementSchema.safeParse(placement);
    expect(parsed.success).toBe(false);
    expect(JSON.stringify(parsed.error?.issues)).toContain(why);
  });

  it('does not take a label of the prototype for one of the cluster', () => {
    expect(place(parse({ matchExpressions: [{ key: 'constructor', operator: 'Exists' }] }), cluster).placed).toBe(
      false,
    );
    expect(place(parse({ matchLabels: { constructor: 'x' } }), cluster).placed).toBe(false);
  });

  it('describes itself in a line', () => {
    expect(describePlacement(parse({ regions: ['a', 'b'], matchLabels: { tier: 'web' } }))).toBe(
      'regions a, b; tier=web',
    );
  });
});
