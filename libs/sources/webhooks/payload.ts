import { z } from 'zod';
import { type MovedRef, refusal, type WebhookOutcome, type WebhookRefusal } from './dialect';

export const payloadText = z.string().max(2048);
export const commitId = z.string().regex(/^[0-9a-f]{40}$/, 'has 40 hexadecimal digits');
/** Of one push; senders cut their own lists far below. */
export const maxMovedRefs = 1_000;

const zeros = '0'.repeat(40);

export function movedRef(ref: string, commit: string | null | undefined): MovedRef {
  return commit == null || commit === zeros ? { ref } : { ref, commit };
}

export function pushOf(urls: readonly (string | null | undefined)[], refs: MovedRef[]): WebhookOutcome {
  const named = [...new Set(urls.filter((url): url is string => typeof url === 'string' && url !== ''))];
  return { ok: true, event: { kind: 'push', urls: named, refs } };
}

/** Reads the payload by its schema; what does not fit is named by its field. */
export function readBy<T>(schema: z.ZodType<T>, json: unknown, push: (payload: T) => WebhookOutcome): WebhookOutcome {
  const parsed = schema.safeParse(json);
  return parsed.success ? push(parsed.data) : malformed(parsed.error);
}

function malformed(error: z.ZodError): WebhookRefusal {
  const issue = error.issues[0];
  const field = issue === undefined || issue.path.length === 0 ? 'the body' : issue.path.join('.');
  return refusal(400, `${field}: ${issue?.message ?? 'is not valid'}`);
}
