import type { MigrationInterface, QueryRunner } from 'typeorm';
import { forwardOnly } from './forward-only';

/** Tables of the embedded message log. A hub on Kafka has them too, empty. */
const schema = `
CREATE TABLE log_topics (
  name text PRIMARY KEY CHECK (name ~ '^[a-zA-Z0-9._-]{1,249}$'),
  partitions integer NOT NULL CHECK (partitions BETWEEN 1 AND 1000),
  retention_ms bigint NOT NULL CHECK (retention_ms > 0)
);

-- The row of a partition is locked by each append: half empty pages keep its updates HOT.
CREATE TABLE log_partitions (
  topic text NOT NULL REFERENCES log_topics (name),
  partition integer NOT NULL CHECK (partition >= 0),
  next_offset bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (topic, partition)
) WITH (fillfactor = 50);

-- No other index: it is written at one end of each partition, read from a position, and swept at the other end.
CREATE TABLE log_records (
  topic text NOT NULL,
  partition integer NOT NULL,
  "offset" bigint NOT NULL,
  key text NOT NULL,
  value bytea NOT NULL,
  headers jsonb,
  appended_at timestamptz NOT NULL,
  PRIMARY KEY (topic, partition, "offset")
);

CREATE TABLE log_members (
  "group" text NOT NULL,
  member text NOT NULL,
  topics text[] NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY ("group", member)
) WITH (fillfactor = 50);

-- The epoch rises each time that a partition changes hands.
CREATE TABLE log_assignments (
  "group" text NOT NULL,
  topic text NOT NULL,
  partition integer NOT NULL,
  member text NOT NULL,
  expires_at timestamptz NOT NULL,
  epoch bigint NOT NULL,
  PRIMARY KEY ("group", topic, partition)
) WITH (fillfactor = 50);
`;

export class Log1760000000100 implements MigrationInterface {
  name = 'Log1760000000100';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(schema);
  }

  down = forwardOnly;
}
