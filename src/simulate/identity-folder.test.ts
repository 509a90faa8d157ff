import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { KeptCluster } from './identity';
import { IdentityFolder } from './identity-folder';

const kept = (index: number, key = 'key'): KeptCluster => ({
  index,
  name: `sim-${index}`,
  uid: 'b7a3c7f0-5f5e-4a55-9e5e-6a3f1f0f0001',
  identity: {
    privateKey: key,
    cluster: 'b7a3c7f0-5f5e-4a55-9e5e-6a3f1f0f0002',
    hubUrl: 'http://127.0.0.1',
    rootKey: 'a'.repeat(64) as KeptCluster['identity']['rootKey'],
    joinedWith: '',
    name: '',
    region: '',
  },
});

describe('the folder of identities', () => {
  let folder: string;

  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'flotilla-identities-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('gives back what was added, however the clusters are divided, with the newest key of each', async () => {
    const first = await IdentityFolder.open(folder, 'sim', 0, 120);
    for (const index of [0, 49, 50, 119]) first.add(kept(index));
    first.add(kept(50, 'newer'));
    await first.flush();
    const second = await IdentityFolder.open(folder, 'sim', 50, 100);
    expect(second.get('sim-0')).toBeUndefined();
    expect(second.get('sim-50')?.identity.privateKey).toBe('newer');
    expect((await IdentityFolder.open(folder, 'sim', 100, 120)).get('sim-119')).toEqual(kept(119));
    expect((await IdentityFolder.open(folder, 'other', 0, 120)).get('sim-0')).toBeUndefined();
    expect(statSync(path.join(folder, 'sim-0.jsonl')).mode & 0o077).toBe(0);
  });

  it('leaves out and removes a line that a crash has cut short', async () => {
    const first = await IdentityFolder.open(folder, 'sim', 0, 50);
    first.add(kept(1));
    await first.flush();
    const file = path.join(folder, 'sim-0.jsonl');
    appendFileSync(file, '{"index":2,"na');
    const second = await IdentityFolder.open(folder, 'sim', 0, 50);
    expect(second.get('sim-1')).toEqual(kept(1));
    expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(1);
  });

  it('keeps nothing without a folder', async () => {
    const none = await IdentityFolder.open(undefined, 'sim', 0, 50);
    none.add(kept(1));
    await none.flush();
    expect(none.get('sim-1')).toEqual(kept(1));
  });
});
