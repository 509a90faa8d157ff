import { z } from 'zod';
import type { WebhookOutcome } from './webhook';

const text = z.string().max(2048);
const sha = z.string().regex(/^[0-9a-f]{40}$/, 'has 40 hexadecimal digits');
const zeros = '0'.repeat(40);

const githubPush = z.object({
  ref: text,
  after: sha.optional(),
  deleted: z.boolean().optional(),
  repository: z.object({ clone_url: text.optional(), ssh_url: text.optional(), html_url: text.optional() }),
});
const genericPush = z.strictObject({ url: text.optional(), ref: text.optional(), commit: sha.optional() });

/** Parses a verified body: `githubEvent` is GitHub's name of the event, undefined for the generic form. */
export function parsePush(body: Uint8Array, githubEvent: string | undefined): WebhookOutcome {
  if (githubEvent === 'ping') return { ok: true, event: { kind: 'ping' } };
  if (githubEvent !== undefined && githubEvent !== 'push') {
    return { ok: true, event: { kind: 'ignored', name: githubEvent.slice(0, 100) } };
  }
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return { ok: false, status: 400, message: 'the body is no JSON in UTF-8' };
  }
  return githubEvent === undefined ? fromGeneric(json) : fromGithub(json);
}

function fromGithub(json: unknown): WebhookOutcome {
  const parsed = githubPush.safeParse(json);
  if (!parsed.success) return malformed(parsed.error);
  const { ref, after, deleted, repository } = parsed.data;
  const urls = [repository.clone_url, repository.ssh_url, repository.html_url].filter((url) => url !== undefined);
  const commit = deleted === true || after === undefined || after === zeros ? {} : { commit: after };
  return { ok: true, event: { kind: 'push', urls, ref, ...commit } };
}

function fromGeneric(json: unknown): WebhookOutcome {
  const parsed = genericPush.safeParse(json);
  if (!parsed.success) return malformed(parsed.error);
  const { url, ...rest } = parsed.data;
  return { ok: true, event: { kind: 'push', urls: url === undefined ? [] : [url], ...rest } };
}

function malformed(error: z.ZodError): WebhookOutcome {
  const issue = error.issues[0];
  const field = issue === undefined || issue.path.length === 0 ? 'the body' : issue.path.join('.');
  return { ok: false, status: 400, message: `${field}: ${issue?.message ?? 'is not valid'}` };
}
