import type { Signed } from '#libs/protocol/signed';
import type { Logger } from '#src/log/logger';
import { messageOf } from '../errors';
import type { Identity } from '../identity/identity';
import { HubError } from '../hub/port';
import { type AgentRuntime, fullJitterMs } from '../runtime';
import { defaultSpoolLimits, type Spool, type SpoolLimits } from '../spool/spool';
import { type Draft, draftSizeBytes, maxDraftBytes, shortened, signDraft } from './draft';
import { mergeDrafts } from './merge';

const maxBatchReports = 50;
const retryCapMs = 30_000;

export interface OutboxOptions {
  /** Its key signs, as it is at that time. */
  identity: Pick<Identity, 'cluster' | 'privateKey'>;
  spool: Spool;
  runtime: AgentRuntime;
  logger: Logger;
  limits?: SpoolLimits;
}

interface Waiting {
  draft: Draft;
  sizeBytes: number;
  isSpooled: boolean;
}

/** Drafts on their way, in order. What cannot be sent at once is kept in the spool and sent later. */
export class Outbox {
  private waiting: Waiting[] = [];
  private send: ((reports: Signed[]) => Promise<void>) | undefined;
  private wake: AbortController = new AbortController();
  private inFlight = 0;

  constructor(private readonly options: OutboxOptions) {}

  async load(): Promise<void> {
    const drafts = await this.options.spool.load();
    this.waiting = drafts.map((draft) => ({ draft, sizeBytes: draftSizeBytes(draft), isSpooled: true }));
  }

  get waitingCount(): number {
    return this.waiting.length;
  }

  add(draft: Draft): void {
    this.waiting.push({ draft, sizeBytes: draftSizeBytes(draft), isSpooled: false });
    this.compact();
    this.wake.abort();
  }

  /** The way out, once a session is open; a new one is tried at once. */
  open(send: (reports: Signed[]) => Promise<void>): void {
    this.send = send;
    this.wake.abort();
  }

  /** Sends until the signal; what is left then is in the spool. */
  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.wake.abort(), { once: true });
    let failures = 0;
    while (!signal.aborted) {
      this.wake = new AbortController();
      const sent = await this.sendNext();
      if (sent === 'sent') failures = 0;
      if (sent === 'sent' || signal.aborted) continue;
      if (sent === 'failed') failures += 1;
      // A failing way is not tried anew for each draft that comes.
      const pauseMs =
        sent === 'failed' ? 200 + fullJitterMs(failures, 500, retryCapMs, this.options.runtime.random) : 3_600_000;
      await this.options.runtime.sleep(pauseMs, sent === 'failed' ? signal : this.wake.signal);
    }
    await this.spoolAll();
  }

  private async sendNext(): Promise<'sent' | 'failed' | 'nothing'> {
    const batch = this.nextBatch();
    if (batch.length === 0 || this.send === undefined) return 'nothing';
    const { identity, runtime, spool, logger } = this.options;
    const { cluster, privateKey } = identity;
    try {
      this.inFlight = batch.length;
      await this.send(batch.map(({ draft }) => signDraft(draft, cluster, privateKey, runtime)));
    } catch (error) {
      if (!isRefused(error)) {
        this.inFlight = 0;
        logger.warn({ error: messageOf(error), waiting: this.waiting.length }, 'reports wait in the spool');
        await this.spoolAll();
        return 'failed';
      }
      // Asking again would hold up all that comes after.
      logger.error({ error: messageOf(error), reports: batch.length }, 'reports were refused and are dropped');
    }
    this.waiting.splice(0, batch.length);
    this.inFlight = 0;
    for (const { draft, isSpooled } of batch) if (isSpooled) await spool.remove(draft).catch(() => undefined);
    return 'sent';
  }

  private nextBatch(): Waiting[] {
    let bytes = 0;
    const end = this.waiting.findIndex(({ sizeBytes }, index) => {
      bytes += sizeBytes;
      return index > 0 && (bytes > maxDraftBytes || index >= maxBatchReports);
    });
    return end < 0 ? [...this.waiting] : this.waiting.slice(0, end);
  }

  private async spoolAll(): Promise<void> {
    for (const each of [...this.waiting]) {
      if (each.isSpooled) continue;
      try {
        await this.options.spool.save(each.draft);
        each.isSpooled = true;
      } catch (error) {
        this.options.logger.warn({ error: messageOf(error) }, 'a report cannot be kept on disk');
        return;
      }
    }
  }

  /** Beyond the limits all that waits becomes one: reports are state, and the newest of each target is what counts. */
  private compact(): void {
    const limits = this.options.limits ?? defaultSpoolLimits;
    const bytes = this.waiting.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    if (this.waiting.length <= limits.maxDrafts && bytes <= limits.maxBytes) return;
    const merged = this.waiting.slice(this.inFlight);
    const [first, ...rest] = merged.map(({ draft }) => draft);
    if (first === undefined || rest.length === 0) return;
    let draft = mergeDrafts([first, ...rest], this.options.runtime);
    if (draftSizeBytes(draft) > maxDraftBytes) draft = { ...draft, targets: draft.targets.map(shortened) };
    this.waiting = [
      ...this.waiting.slice(0, this.inFlight),
      { draft, sizeBytes: draftSizeBytes(draft), isSpooled: false },
    ];
    // The newest one's file gets the name of what they have become.
    const gone = merged.slice(0, -1).filter(({ isSpooled }) => isSpooled);
    void Promise.allSettled(gone.map((each) => this.options.spool.remove(each.draft)));
  }
}

/** The hub has read it and will never take it; anything else may be a proxy, a version or a setting on the way. */
function isRefused(error: unknown): boolean {
  return error instanceof HubError && [400, 413, 422].includes(error.details.status ?? 0);
}
