import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable } from '@nestjs/common';
import type { DataSource, QueryRunner } from 'typeorm';

export type Row = Record<string, unknown>;

interface Outcome {
  records: Row[];
  affected?: number;
}

interface Ambient {
  runner: QueryRunner;
  afterCommit: (() => void)[];
}

/**
 * SQL for repositories. A transaction travels with the context: whatever is called inside `transaction` takes part in it,
 * and a `transaction` inside another is the same one.
 */
@Injectable()
export class Database {
  private readonly ambient = new AsyncLocalStorage<Ambient>();

  constructor(private readonly dataSource: DataSource) {}

  async query<T extends object = Row>(sql: string, parameters: unknown[] = []): Promise<T[]> {
    return (await this.run(sql, parameters)).records as T[];
  }

  /** The only row, or undefined. */
  async one<T extends object = Row>(sql: string, parameters: unknown[] = []): Promise<T | undefined> {
    return (await this.query<T>(sql, parameters))[0];
  }

  /** How many rows it touched. */
  async execute(sql: string, parameters: unknown[] = []): Promise<number> {
    const outcome = await this.run(sql, parameters);
    return outcome.affected ?? outcome.records.length;
  }

  async transaction<T>(work: () => Promise<T>): Promise<T> {
    if (this.ambient.getStore() !== undefined) return await work();
    const runner = this.dataSource.createQueryRunner();
    const ambient: Ambient = { runner, afterCommit: [] };
    try {
      await runner.startTransaction();
      const result = await this.ambient.run(ambient, work);
      await runner.commitTransaction();
      for (const callback of ambient.afterCommit) callback();
      return result;
    } catch (error) {
      if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
      throw error;
    } finally {
      await runner.release();
    }
  }

  /** A convenience for the same process only: what must happen is stored, not called back. */
  afterCommit(callback: () => void): void {
    const ambient = this.ambient.getStore();
    if (ambient === undefined) callback();
    else ambient.afterCommit.push(callback);
  }

  private async run(sql: string, parameters: unknown[]): Promise<Outcome> {
    const ambient = this.ambient.getStore();
    if (ambient !== undefined) return (await ambient.runner.query(sql, parameters, true)) as Outcome;
    const runner = this.dataSource.createQueryRunner();
    try {
      return (await runner.query(sql, parameters, true)) as Outcome;
    } finally {
      await runner.release();
    }
  }
}
