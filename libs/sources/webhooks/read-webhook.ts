/** Webhooks of Git forges: who sent one is proved over the raw body, and nothing is parsed before that. */
import { header, refusal, type WebhookOutcome, type WebhookRequest } from './dialect';
import { dialectOf, webhookDialects } from './registry';

export const maxWebhookBodyBytes = 1024 * 1024;

/** `secrets` holds more than one while a secret is being rotated; with none, everything is refused. */
export function readWebhook(request: WebhookRequest, secrets: readonly string[], now: Date): WebhookOutcome {
  const sizeBytes = request.body.byteLength;
  if (sizeBytes > maxWebhookBodyBytes) {
    return refusal(413, `the body has ${sizeBytes} bytes; at most ${maxWebhookBodyBytes} (1 MiB) are read`);
  }
  const dialect = dialectOf(request);
  if (dialect === undefined) {
    const proofs = [...new Set(webhookDialects.map(({ proof }) => proof))].join(', ');
    return refusal(401, `the request has no signature: set a secret where it is sent from (one of ${proofs})`);
  }
  const refused = dialect.refuse({ request, secrets, now });
  if (refused !== undefined) return refused;
  const type = header(request, 'content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    return refusal(415, `the content type is ${type ?? 'missing'}: have the webhook send application/json`);
  }
  const event = dialect.aside(request);
  if (event !== undefined) return { ok: true, event };
  const json = jsonOf(request.body);
  return json === undefined ? refusal(400, 'the body is no JSON in UTF-8') : dialect.read(json);
}

function jsonOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}
