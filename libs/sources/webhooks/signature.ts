/** Proofs of knowing a secret, compared without telling by the time it takes how much of one was right. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

export const webhookFreshnessSeconds = 300;

export function hmacSha256(key: string | Uint8Array, ...parts: (string | Uint8Array)[]): Buffer {
  const hmac = createHmac('sha256', key);
  for (const part of parts) hmac.update(part);
  return hmac.digest();
}

/** Whether the text is the one that any of the secrets makes; every secret is tried, whichever fits. */
export function isMadeByOne(
  secrets: readonly string[],
  given: string | undefined,
  make: (secret: string) => string | undefined,
): boolean {
  if (given === undefined) return false;
  const matches = secrets.map((secret) => {
    const expected = make(secret);
    return expected !== undefined && equal(given, expected);
  });
  return matches.includes(true);
}

/** Of digests, which have one length: so that neither content nor length of a plain secret shows. */
function equal(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** @param seconds since 1970, as the sender wrote it. @returns what is wrong with it */
export function staleness(name: string, seconds: string | undefined, now: Date): string | undefined {
  if (seconds === undefined || !/^\d{1,12}$/.test(seconds)) {
    return `${name} is missing or no number of seconds since 1970`;
  }
  if (Math.abs(now.getTime() / 1000 - Number(seconds)) <= webhookFreshnessSeconds) return undefined;
  return `${name} is more than ${webhookFreshnessSeconds} s off: check the sender's clock`;
}
