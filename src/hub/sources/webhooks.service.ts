import { Injectable, Logger } from '@nestjs/common';
import { whyIrrelevant } from '#libs/sources/webhook-relevance';
import type { WebhookRequest } from '#libs/sources/webhooks/dialect';
import { readWebhook } from '#libs/sources/webhooks/read-webhook';
import { Database } from '#src/hub/database/database';
import { Problem, type ProblemKind } from '#src/hub/http/problem';
import { Sealing } from '#src/hub/security/sealing';
import { Notifications } from '#src/hub/stages/notifications';
import { SourcesRepository, type WebhookRow } from './sources.repository';
import type { WebhookAnswer } from './sources.schema';
import { webhookSecretPurpose } from './sources.service';

const kindByStatus = {
  400: 'malformed',
  401: 'unauthenticated',
  413: 'too-large',
  415: 'unsupported-media-type',
} as const satisfies Record<number, ProblemKind>;

/** Pushes as forges tell of them. They say only that it is time to look: what is there is read from the repository. */
@Injectable()
export class Webhooks {
  private readonly logger = new Logger(Webhooks.name);

  constructor(
    private readonly database: Database,
    private readonly repository: SourcesRepository,
    private readonly sealing: Sealing,
    private readonly notifications: Notifications,
  ) {}

  /** A source that is not there, or has no secret, is answered as a wrong signature is. */
  async receive(name: string, request: WebhookRequest): Promise<WebhookAnswer> {
    const source = await this.repository.forWebhook(name);
    const outcome = readWebhook(request, this.secretsOf(source), new Date());
    if (!outcome.ok || source === undefined) {
      throw outcome.ok ? Problem.notFound('source', name) : new Problem(kindByStatus[outcome.status], outcome.message);
    }
    const { url, revision } = source.spec;
    const reason = whyIrrelevant({ url, revision, isRead: source.state === 'ready' }, outcome.event);
    if (reason !== undefined) return { fetching: false, message: reason };
    const raised = await this.database.transaction(async () => {
      const asked = await this.repository.raiseFetchDueOnce(source.id);
      if (asked) await this.notifications.notify('flotilla_stage', 'fetch');
      return asked;
    });
    if (raised) this.logger.log({ msg: 'webhook', source: name });
    return { fetching: true, message: raised ? 'the source is being read' : 'a reading that waits covers this push' };
  }

  private secretsOf(source: WebhookRow | undefined): string[] {
    if (source === undefined || source.webhook_secret_sealed === null) return [];
    try {
      return [this.sealing.open(webhookSecretPurpose, source.id, source.webhook_secret_sealed).toString('utf8')];
    } catch (error) {
      this.logger.warn({ msg: 'declare the webhook secret of the source again', source: source.id, err: error });
      return [];
    }
  }
}
