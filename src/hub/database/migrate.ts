import 'reflect-metadata';
import { DataSource, type MigrationInterface } from 'typeorm';
import * as hub from '#migrations/1760000000000-hub';
import * as clusters from '#migrations/1760000000010-clusters';
import * as delivery from '#migrations/1760000000020-delivery';
import * as reports from '#migrations/1760000000030-reports';
import * as formerAgents from '#migrations/1760000000040-former-agents';
import * as hostedAgents from '#migrations/1760000000050-hosted-agents';
import * as history from '#migrations/1760000000420-history';
import * as log from '#migrations/1760000000100-log';
import * as sight from '#migrations/1760000000110-sight';
import * as factsAndLetters from '#migrations/1760000000120-facts-and-letters';
import * as identity from '#migrations/1760000000310-identity';
import * as retention from '#migrations/1760000000400-retention';
import * as restores from '#migrations/1760000000410-restores';
import * as fleetVersion from '#migrations/1760000000430-fleet-version';
import * as fanout from '#migrations/1760000000450-fanout';

/** In order. A migration that has once been released is never changed. */
const migrations: (new () => MigrationInterface)[] = [
  hub.Hub1760000000000,
  clusters.Clusters1760000000010,
  delivery.Delivery1760000000020,
  reports.Reports1760000000030,
  formerAgents.FormerAgents1760000000040,
  hostedAgents.HostedAgents1760000000050,
  log.Log1760000000100,
  sight.Sight1760000000110,
  factsAndLetters.FactsAndLetters1760000000120,
  identity.Identity1760000000310,
  retention.Retention1760000000400,
  restores.Restores1760000000410,
  history.History1760000000420,
  fleetVersion.FleetVersion1760000000430,
  fanout.Fanout1760000000450,
];

/** Any number: the hubs of one database agree by it on who migrates. */
const migrationLock = 4_120_386_417;

/**
 * Brings the database up to this version; replicas that start together wait for the one that does it.
 * @param url of PostgreSQL, with the right to create tables
 */
export async function migrate(url: string): Promise<void> {
  const dataSource = new DataSource({ type: 'postgres', url, migrations, migrationsTransactionMode: 'each' });
  await dataSource.initialize();
  try {
    const runner = dataSource.createQueryRunner();
    await runner.query('SELECT pg_advisory_lock($1)', [migrationLock]);
    try {
      await dataSource.runMigrations();
    } finally {
      await runner.query('SELECT pg_advisory_unlock($1)', [migrationLock]);
      await runner.release();
    }
  } finally {
    await dataSource.destroy();
  }
}
