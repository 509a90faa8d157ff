import { eventually } from '#test/harness/eventually';
import type { Measured, Progress } from '../bench';
import { median, rounded } from '../statistics';
import { Announcements } from './announcements';
import { withCleanup } from './cleanup';
import { insertClusters, withDatabase } from './database-fleet';
import { startHub } from './hub';
import { declareApplication, serveRepository } from './source';
import { updateSeconds } from './update-limit';

export interface FanoutOptions {
  clusters: number;
  applications: number;
  objects: number;
  /** In every object; may hold `${cluster.name}`. */
  value: string;
  changes: number;
  progress: Progress;
}

export interface Fanout {
  seconds: number;
  hubCpuSeconds: number;
  /** Roots that were written for one change. */
  rootWrites: number;
  limitSeconds: number;
  notes: string[];
}

const regions = 20;
const withinMs = 240_000;

/** Commits that change one field of every application, each until the last cluster's root is committed and announced. */
export async function measureFanout(options: FanoutOptions): Promise<Fanout> {
  return await withCleanup(async (later) => {
    const { clusters, progress } = options;
    progress('starting PostgreSQL and the hub');
    const [hub, served] = await Promise.all([startHub(), serveRepository()]);
    later(() => hub.stop());
    await served.repository.commit(filesOf(options, 0));
    progress(
      `${clusters} clusters, ${options.applications} applications of ${options.objects} objects: the first delivery`,
    );
    await insertClusters(hub.databaseUrl, clusters, regions);
    const announcements = await Announcements.listen(hub.databaseUrl);
    later(() => announcements.close());
    const source = await served.follow(hub);
    later(() => source.stop());
    for (let index = 0; index < options.applications; index += 1)
      await declareApplication(hub, nameOf(index), nameOf(index));
    await settled(hub.databaseUrl, clusters * options.applications);
    await withDatabase(hub.databaseUrl, (client) => client.query('VACUUM ANALYZE'));

    const seconds: number[] = [];
    const cpu: number[] = [];
    const writes: number[] = [];
    const steps: string[] = [];
    for (let change = 1; change <= options.changes; change += 1) {
      const [cpuBefore, generationsBefore] = [await hub.cpuSeconds(), await generations(hub.databaseUrl)];
      const announced = announcements.of(clusters);
      const commit = await served.repository.commit(filesOf(options, change));
      await source.push(commit);
      const last = await announced;
      seconds.push((last - (await seenAt(hub.databaseUrl, commit))) / 1_000);
      await settled(hub.databaseUrl, clusters * options.applications);
      cpu.push((await hub.cpuSeconds()) - cpuBefore);
      writes.push(((await generations(hub.databaseUrl)) - generationsBefore) / clusters);
      steps.push(stepsOf(hub.program.logs(), commit));
      progress(
        `change ${change}: ${rounded(seconds.at(-1)!, 2)} s, hub ${rounded(cpu.at(-1)!, 2)} s of processor time`,
      );
    }
    progress('the physical limit');
    const limitSeconds = await updateSeconds(hub.databaseUrl, clusters, await rootBytes(hub.databaseUrl));
    return {
      seconds: rounded(median(seconds), 3),
      hubCpuSeconds: rounded(median(cpu), 3),
      rootWrites: rounded(Math.max(...writes), 2),
      limitSeconds: rounded(limitSeconds, 4),
      notes: [`each change: ${seconds.map((each) => rounded(each, 2)).join(', ')} s`, ...steps],
    };
  });
}

export function measuredOf(fanout: Fanout, figures: Record<string, number>): Measured {
  return {
    figures,
    limit: { seconds: fanout.limitSeconds },
    ratio: rounded(fanout.seconds / fanout.limitSeconds, 2),
    notes: fanout.notes,
  };
}

/** When the hub said that it had passed each stage, in milliseconds since it saw the commit. */
function stepsOf(logs: readonly Record<string, unknown>[], commit: string): string {
  const from = logs.findIndex(({ msg, commit: of }) => msg === 'new commit' && of === commit);
  const after = (line: Record<string, unknown>): number =>
    Date.parse(String(line['time'])) - Date.parse(String(logs[from]?.['time']));
  const last = ['new release', 'authorised', 'built roots'].map((msg) => {
    const line = logs.slice(from).findLast((each) => each['msg'] === msg);
    return `${msg} ${line === undefined ? 'never' : after(line)}`;
  });
  return `milliseconds after the commit was seen, the last of each: ${last.join(', ')}`;
}

function filesOf({ applications, objects, value }: FanoutOptions, change: number): Record<string, string> {
  const files: Record<string, string> = {};
  for (let application = 0; application < applications; application += 1) {
    for (let object = 0; object < objects; object += 1) {
      // One field of one object changes.
      const field = object === 0 ? String(change) : '0';
      const metadata = `{ name: ${nameOf(application)}-${object}, namespace: default }`;
      files[`${nameOf(application)}/${object}.yaml`] =
        `apiVersion: v1\nkind: ConfigMap\nmetadata: ${metadata}\ndata: { value: "${value}", change: "${field}" }\n`;
    }
  }
  return files;
}

const nameOf = (index: number): string => `application-${index}`;

/** Every target is carried by a root, and no root is being built. */
async function settled(databaseUrl: string, targets: number): Promise<void> {
  await withDatabase(databaseUrl, (client) =>
    eventually(async () => {
      const { rows } = await client.query<{ carried: string; dirty: string; due: string }>(
        `SELECT (SELECT count(*) FROM assignments WHERE carried_bundle = bundle) AS carried,
                (SELECT count(*) FROM roots WHERE dirty) AS dirty,
                (SELECT count(*) FROM applications WHERE evaluate_done < evaluate_due OR authorise_done < authorise_due) AS due`,
      );
      const { carried, dirty, due } = rows[0]!;
      if (Number(carried) < targets || dirty !== '0' || due !== '0')
        throw new Error(`${carried} of ${targets} are carried`);
    }, withinMs),
  );
}

async function seenAt(databaseUrl: string, commit: string): Promise<number> {
  const { rows } = await withDatabase(databaseUrl, (client) =>
    client.query<{ at: Date }>('SELECT commit_seen_at AS at FROM sources WHERE commit_id = $1', [commit]),
  );
  if (rows[0] === undefined) throw new Error('the hub has not seen the commit');
  return rows[0].at.getTime();
}

async function generations(databaseUrl: string): Promise<number> {
  const { rows } = await withDatabase(databaseUrl, (client) =>
    client.query<{ sum: string }>('SELECT sum(generation) AS sum FROM roots'),
  );
  return Number(rows[0]!.sum);
}

/** What one root takes in its row. */
async function rootBytes(databaseUrl: string): Promise<number> {
  const { rows } = await withDatabase(databaseUrl, (client) =>
    client.query<{ bytes: string }>('SELECT avg(pg_column_size(scopes)) AS bytes FROM roots'),
  );
  return Math.max(16, Math.round(Number(rows[0]!.bytes)));
}
