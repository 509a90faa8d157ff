/** For senders of one's own: a signature that covers a timestamp, and a body that may say nothing at all. */
import { z } from 'zod';
import { type Dialect, header, refusal } from './dialect';
import { commitId, movedRef, payloadText, pushOf, readBy } from './payload';
import { hmacSha256, isMadeByOne, staleness } from './signature';

const push = z.strictObject({ url: payloadText.optional(), ref: payloadText.optional(), commit: commitId.optional() });

export const generic: Dialect = {
  name: 'generic',
  proof: 'X-Flotilla-Signature',
  speaks: (request) => header(request, 'x-flotilla-signature') !== undefined,
  refuse: ({ request, secrets, now }) => {
    const timestamp = header(request, 'x-flotilla-timestamp') ?? '';
    if (!/^\d{1,12}$/.test(timestamp)) {
      return refusal(401, 'X-Flotilla-Timestamp is missing or no number of seconds since 1970');
    }
    const make = (secret: string): string => signWebhook(secret, Number(timestamp), request.body);
    if (!isMadeByOne(secrets, header(request, 'x-flotilla-signature'), make)) {
      const rule = 'it is the HMAC-SHA256 of "<timestamp>.<body>" in hexadecimal';
      return refusal(401, `X-Flotilla-Signature does not match: ${rule}`);
    }
    const stale = staleness('X-Flotilla-Timestamp', timestamp, now);
    return stale === undefined ? undefined : refusal(401, stale);
  },
  aside: () => undefined,
  read: (json) =>
    readBy(push, json, ({ url, ref, commit }) => pushOf([url], ref === undefined ? [] : [movedRef(ref, commit)])),
};

/** What a sender of the generic form puts into `X-Flotilla-Signature`; `timestamp` is in seconds since 1970. */
export function signWebhook(secret: string, timestamp: number, body: Uint8Array): string {
  return `sha256=${hmacSha256(secret, `${timestamp}.`, body).toString('hex')}`;
}
