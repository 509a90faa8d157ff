import { Injectable } from '@nestjs/common';
import { topics } from '#libs/protocol/report';
import type { PostedRecords } from '#libs/protocol/sync';
import { Problem } from '#src/hub/http/problem';
import { HubLog } from '#src/hub/message-log/hub-log';
import { crashPoint } from '#src/hub/stages/crash-point';
import { LogUnavailable } from '#src/log/port';

/** Puts into the log what agents post that do not write to it themselves. */
@Injectable()
export class Records {
  constructor(private readonly log: HubLog) {}

  /** Resolves when all of it is stored; what is said again because an answer was lost folds to the same. */
  async append(clusterId: string, records: PostedRecords): Promise<void> {
    const messages = (values: readonly unknown[]) =>
      values.map((value) => ({ key: clusterId, value: Buffer.from(JSON.stringify(value)) }));
    try {
      if (records.reports.length > 0) await this.log.send(topics.reports, messages(records.reports));
      if (records.heartbeats.length > 0) await this.log.send(topics.heartbeats, messages(records.heartbeats));
    } catch (error) {
      if (error instanceof LogUnavailable)
        throw Problem.unavailable('the message log cannot be reached; keep the records and try again');
      throw error;
    }
    crashPoint('records.appended');
  }
}
