import { Injectable, type OnModuleDestroy } from '@nestjs/common';

const checkTimeoutMs = 2_000;

export interface Check {
  name: string;
  /** False: without it the hub still serves, so it is told but takes the hub from no balancer. */
  required: boolean;
  /** What to show when all is well; throws otherwise. */
  run(): Promise<string>;
}

export interface CheckOutcome {
  name: string;
  required: boolean;
  ok: boolean;
  message: string;
}

export interface ReadinessOutcome {
  status: 'ready' | 'degraded' | 'unavailable';
  checks: CheckOutcome[];
}

/** A check that failed for a reason that everybody may read. */
export class CheckFailure extends Error {}

/** Whether this hub can do its work: modules register what theirs depends on. */
@Injectable()
export class Readiness implements OnModuleDestroy {
  private readonly checks: Check[] = [];
  private stopping = false;

  register(check: Check): void {
    this.checks.push(check);
  }

  /** The balancer is told first, while requests under way are finished. */
  onModuleDestroy(): void {
    this.stopping = true;
  }

  async outcome(): Promise<ReadinessOutcome> {
    const checks = await Promise.all(this.checks.map(runCheck));
    if (this.stopping) checks.push({ name: 'hub', required: true, ok: false, message: 'is stopping' });
    const failed = checks.filter(({ ok }) => !ok);
    const status = failed.length === 0 ? 'ready' : failed.some(({ required }) => required) ? 'unavailable' : 'degraded';
    return { status, checks };
  }
}

async function runCheck({ name, required, run }: Check): Promise<CheckOutcome> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${checkTimeoutMs / 1000} s`)), checkTimeoutMs);
  });
  try {
    return { name, required, ok: true, message: await Promise.race([run(), late]) };
  } catch (error) {
    if (error instanceof CheckFailure) return { name, required, ok: false, message: error.message };
    // Messages of drivers may name hosts and users, and this is public: which part fails is enough.
    const { code } = error as { code?: unknown };
    const reason =
      typeof code === 'string'
        ? code
        : error instanceof Error && /^no answer/.test(error.message)
          ? error.message
          : 'failed';
    return { name, required, ok: false, message: reason };
  } finally {
    clearTimeout(timer);
  }
}
