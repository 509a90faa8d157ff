import { generateKeyPairSync } from 'node:crypto';
import { digestOf } from './digest';
import { keyIdOf, publicKeyText } from './keys';
import { judgeRoot, type Root, type RootExpectation } from './root';
import { signValue } from './signed';

const key = generateKeyPairSync('ed25519').privateKey;
const keys = new Map([[keyIdOf(publicKeyText(key)), publicKeyText(key)]]);
const hub = '11111111-1111-4111-8111-111111111111';
const cluster = '22222222-2222-4222-8222-222222222222';
const other = '33333333-3333-4333-8333-333333333333';
const scopes = { cluster: digestOf('scope') };
const root: Root = {
  format: 1,
  hub,
  audience: cluster,
  epoch: 2,
  generation: 7,
  issuedAt: '2026-01-01T00:00:00.000Z',
  expiresAt: '2026-01-03T00:00:00.000Z',
  scopes,
};
const expectation: RootExpectation = { hub, cluster, keys, now: new Date('2026-01-02T00:00:00Z') };
const judge = (
  change: Partial<Root>,
  expected: Partial<RootExpectation> = {},
  purpose = 'flotilla.dev/root/v1' as const,
) => judgeRoot(signValue(purpose, { ...root, ...change }, key), { ...expectation, ...expected });

describe('judging a root', () => {
  it('accepts the first, the same and a newer one', () => {
    expect(judge({})).toMatchObject({ kind: 'accepted', newer: true });
    expect(judge({}, { held: { epoch: 2, generation: 7, scopes } })).toMatchObject({ kind: 'accepted', newer: false });
    expect(judge({}, { held: { epoch: 2, generation: 6, scopes } })).toMatchObject({ kind: 'accepted', newer: true });
    expect(judge({}, { held: { epoch: 1, generation: 99, scopes } })).toMatchObject({ kind: 'accepted', newer: true });
  });

  it.each([
    ['hub', { hub: other }, {}],
    ['audience', { audience: other }, {}],
    ['expired', { expiresAt: '2026-01-01T12:00:00.000Z' }, {}],
    ['older', {}, { held: { epoch: 2, generation: 8, scopes } }],
    ['older', {}, { held: { epoch: 3, generation: 1, scopes } }],
    ['forked', {}, { held: { epoch: 2, generation: 7, scopes: { cluster: digestOf('another') } } }],
    ['forked', {}, { held: { epoch: 2, generation: 7, scopes: { ...scopes, tenant: digestOf('x') } } }],
    ['signature', {}, { keys: new Map<string, string>() }],
  ])('refuses one for its %s', (reason, change, expected) => {
    expect(judge(change, expected)).toMatchObject({ kind: 'refused', reason });
  });

  it('refuses what was signed by another key, for another purpose, or changed since', () => {
    const stranger = generateKeyPairSync('ed25519').privateKey;
    const forged = { ...signValue('flotilla.dev/root/v1', root, stranger), keyId: keyIdOf(publicKeyText(key)) };
    expect(judgeRoot(forged, expectation)).toMatchObject({ kind: 'refused', reason: 'signature' });
    const report = signValue('flotilla.dev/report/v1', root, key);
    expect(judgeRoot(report, expectation)).toMatchObject({ kind: 'refused', reason: 'signature' });
    const signed = signValue('flotilla.dev/root/v1', root, key);
    const changed = { ...signed, payload: signed.payload.replace('"generation":7', '"generation":8') };
    expect(judgeRoot(changed, expectation)).toMatchObject({ kind: 'refused', reason: 'signature' });
  });

  it('refuses a root of a format that it does not know', () => {
    expect(judge({ format: 2 as never })).toMatchObject({ kind: 'refused', reason: 'format' });
  });
});
