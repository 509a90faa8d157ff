import { z } from 'zod';
import { type Heartbeat, type Report, reportSchema, sealedHeartbeatSchema } from '#libs/protocol/report';
import { openHeartbeat, peekHeartbeat } from '#libs/protocol/session';
import { openSigned, signedSchema } from '#libs/protocol/signed';
import type { LogRecord } from '#src/log/port';

/** A record of the log, opened: pure but for the keys, which are looked up before. */
export type OpenedRecord<T> =
  { ok: true; record: LogRecord; value: T } | { ok: false; record: LogRecord; reason: string };

const clusterId = z.uuid();

/** Agents' public keys by cluster id: more than one while a key is being replaced. */
export type KeysByCluster = ReadonlyMap<string, readonly { key: string; keyId: string }[]>;

/** Whose keys are needed. The record's key says who it is about only until a signature proves it. */
export function claimedClusters(records: readonly LogRecord[]): string[] {
  return [...new Set(records.map((record) => record.key).filter((key) => clusterId.safeParse(key).success))];
}

export function openReport(record: LogRecord, keys: KeysByCluster): OpenedRecord<Report> {
  const bad = (reason: string): OpenedRecord<Report> => ({ ok: false, record, reason });
  const signed = signedSchema.safeParse(parse(record.value));
  if (!signed.success) return bad('is not a signed envelope');
  const known = keys.get(record.key);
  if (known === undefined) return bad('comes from a cluster that the hub does not know, or has revoked');
  const agent = known.find(({ keyId }) => keyId === signed.data.keyId);
  if (agent === undefined) return bad(`is signed by key ${signed.data.keyId}, not by that of the cluster`);
  const opened = openSigned('flotilla.dev/report/v1', signed.data, agent.key, reportSchema);
  if (!opened.ok) return bad(opened.message);
  if (opened.value.cluster !== record.key) return bad('is about another cluster than the key that signed it');
  return { ok: true, record, value: opened.value };
}

/** Session that a heartbeat claims, to look up its key. */
export function claimedSession(record: LogRecord): { cluster: string; session: number } | undefined {
  const sealed = sealedHeartbeatSchema.safeParse(parse(record.value));
  if (!sealed.success) return undefined;
  const peeked = peekHeartbeat(sealed.data.payload);
  return peeked.ok && peeked.value.cluster === record.key
    ? { cluster: peeked.value.cluster, session: peeked.value.session }
    : undefined;
}

/** @param sessionKeys by `<cluster>/<session>` */
export function openHeartbeatRecord(
  record: LogRecord,
  sessionKeys: ReadonlyMap<string, Buffer>,
): OpenedRecord<Heartbeat> {
  const bad = (reason: string): OpenedRecord<Heartbeat> => ({ ok: false, record, reason });
  const claimed = claimedSession(record);
  if (claimed === undefined) return bad('is not a heartbeat of the cluster that its key names');
  const key = sessionKeys.get(`${claimed.cluster}/${claimed.session}`);
  if (key === undefined) return bad(`is of session ${claimed.session}, which is not open`);
  const opened = openHeartbeat(sealedHeartbeatSchema.parse(parse(record.value)), key);
  return opened.ok ? { ok: true, record, value: opened.value } : bad(opened.message);
}

function parse(value: Buffer): unknown {
  try {
    return JSON.parse(value.toString('utf8'));
  } catch {
    return undefined;
  }
}
