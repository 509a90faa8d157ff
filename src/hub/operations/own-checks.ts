import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Database } from '#src/hub/database/database';
import { HubLog } from '#src/hub/message-log/hub-log';
import { Readiness } from './readiness';

/** What every hub depends on. Without the log it still serves people, and agents with what they should run. */
@Injectable()
export class OwnChecks implements OnModuleInit {
  constructor(
    private readonly readiness: Readiness,
    private readonly database: Database,
    private readonly log: HubLog,
  ) {}

  onModuleInit(): void {
    this.readiness.register({ name: 'database', required: true, run: () => this.databaseAnswers() });
    this.readiness.register({ name: 'migrations', required: true, run: () => this.newestMigration() });
    this.readiness.register({ name: 'log', required: false, run: () => this.logAnswers() });
  }

  private async databaseAnswers(): Promise<string> {
    await this.database.query('SELECT 1');
    return 'answers';
  }

  /** They ran before the hub began to listen; a database that was put back to an older state is noticed here. */
  private async newestMigration(): Promise<string> {
    const row = await this.database.one<{ name: string }>(
      'SELECT name FROM migrations ORDER BY timestamp DESC LIMIT 1',
    );
    await this.database.query('SELECT 1 FROM hub');
    return row?.name ?? 'none';
  }

  private async logAnswers(): Promise<string> {
    await this.log.ensureTopics();
    return 'topics are there';
  }
}
