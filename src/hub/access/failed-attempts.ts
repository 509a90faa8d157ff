import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';

const maxAddresses = 10_000;
const maxAccepted = 10_000;

export interface FailedAttemptsOptions {
  /** So many wrong tokens are looked at in a window; 30 unless told. */
  maxFailures?: number;
  windowMs?: number;
  nowMs?: () => number;
}

/**
 * Wrong tokens by address, in the memory of this hub. An address that sends too many is not looked up any more for the
 * rest of the window; tokens that were right lately pass, so that one bad client does not shut out the others behind the
 * same proxy.
 */
export class FailedAttempts {
  private readonly failures = new LRUCache<string, { count: number; sinceMs: number }>({ max: maxAddresses });
  private readonly accepted = new LRUCache<string, true>({ max: maxAccepted });
  private readonly maxFailures: number;
  private readonly windowMs: number;
  private readonly nowMs: () => number;

  constructor({ maxFailures = 30, windowMs = 60_000, nowMs = Date.now }: FailedAttemptsOptions = {}) {
    this.maxFailures = maxFailures;
    this.windowMs = windowMs;
    this.nowMs = nowMs;
  }

  /** Seconds to wait before the next attempt; 0: go on. */
  waitSeconds(address: string, token: string): number {
    const entry = this.failures.get(address);
    if (entry === undefined || entry.count < this.maxFailures) return 0;
    const leftMs = entry.sinceMs + this.windowMs - this.nowMs();
    if (leftMs <= 0 || this.accepted.has(fingerprint(token))) return 0;
    return Math.ceil(leftMs / 1000);
  }

  failed(address: string): void {
    const now = this.nowMs();
    const entry = this.failures.get(address);
    if (entry === undefined || entry.sinceMs + this.windowMs <= now)
      this.failures.set(address, { count: 1, sinceMs: now });
    else entry.count += 1;
  }

  succeeded(token: string): void {
    this.accepted.set(fingerprint(token), true);
  }
}

/** Tokens themselves are not kept. */
function fingerprint(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}
