/** Both products of Bitbucket prove themselves alike, and name the event in the same header. */
import { type Authenticity, header, refusal, type WebhookRefusal, type WebhookRequest } from './dialect';
import { hmacSha256, isMadeByOne } from './signature';

export const eventOf = (request: WebhookRequest): string | undefined => header(request, 'x-event-key');

export function speaksBitbucket(request: WebhookRequest): boolean {
  return eventOf(request) !== undefined && header(request, 'x-hub-signature') !== undefined;
}

export function refuseBitbucket({ request, secrets }: Authenticity): WebhookRefusal | undefined {
  const make = (secret: string): string => `sha256=${hmacSha256(secret, request.body).toString('hex')}`;
  return isMadeByOne(secrets, header(request, 'x-hub-signature'), make)
    ? undefined
    : refusal(401, 'X-Hub-Signature does not match the secret of this source');
}
