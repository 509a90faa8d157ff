import type { Ring } from './ring';

export interface Authorised {
  target: string;
  release: number | null;
  bundle: string | null;
  removal: string | null;
}

/** A ledger that the database keeps by itself, of what the hub writes: the checks do not ask the hub. */
export async function keepHistory(ring: Ring): Promise<void> {
  const { database } = ring.hub;
  await database.query(`
    CREATE TABLE authorised (
      id bigint GENERATED ALWAYS AS IDENTITY, target text, release bigint, bundle bytea, removal text);
    CREATE FUNCTION note_authorised() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'INSERT' OR NEW.authorised_at <> OLD.authorised_at THEN
        INSERT INTO authorised (target, release, bundle, removal)
        VALUES (NEW.application_id || '/' || NEW.cluster_id, NEW.release, NEW.bundle, NEW.removal);
      END IF;
      RETURN NULL;
    END $$;
    CREATE TRIGGER note_authorised AFTER INSERT OR UPDATE ON assignments
      FOR EACH ROW EXECUTE FUNCTION note_authorised();
    CREATE TABLE versions (id bigint GENERATED ALWAYS AS IDENTITY, cluster uuid, epoch bigint, generation bigint);
    CREATE FUNCTION note_version() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO versions (cluster, epoch, generation) VALUES (NEW.cluster_id, NEW.epoch, NEW.generation);
      RETURN NULL;
    END $$;
    CREATE TRIGGER note_version AFTER UPDATE ON roots FOR EACH ROW
      WHEN ((NEW.epoch, NEW.generation) IS DISTINCT FROM (OLD.epoch, OLD.generation)) EXECUTE FUNCTION note_version();
  `);
}

/** In order, by target. */
export async function historyOf(ring: Ring): Promise<Map<string, Authorised[]>> {
  const rows = (await ring.rows(
    `SELECT target, release, encode(bundle, 'hex') AS bundle, removal FROM authorised ORDER BY id`,
  )) as unknown as Authorised[];
  const byTarget = new Map<string, Authorised[]>();
  for (const row of rows) byTarget.set(row.target, [...(byTarget.get(row.target) ?? []), row]);
  return byTarget;
}

export async function versionsOnlyRise(ring: Ring): Promise<void> {
  const rows = await ring.rows('SELECT cluster, epoch, generation FROM versions ORDER BY id');
  const last = new Map<string, [number, number]>();
  for (const { cluster, epoch, generation } of rows) {
    const [epochBefore, generationBefore] = last.get(cluster) ?? [0, 0];
    expect(epoch > epochBefore || (epoch === epochBefore && generation > generationBefore)).toBe(true);
    last.set(cluster, [epoch, generation]);
  }
}
