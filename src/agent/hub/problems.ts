import { z } from 'zod';
import { HubError, type HubErrorKind } from './port';
import type { HttpAnswer } from './transport';

const problemSchema = z.object({
  type: z.string().default(''),
  title: z.string().default(''),
  detail: z.string().default(''),
});

const kindByStatus: Readonly<Record<number, HubErrorKind>> = {
  401: 'unauthorized',
  408: 'unreachable',
  409: 'superseded',
  410: 'deregistered',
  429: 'throttled',
};

/** Throws for an answer that is no success. */
export function refuseProblem(what: string, answer: HttpAnswer): void {
  const { status } = answer;
  if (status >= 200 && status < 300) return;
  const problem = problemOf(answer);
  const said = [problem.title, problem.detail].filter((part) => part !== '').join(': ') || `status ${status}`;
  const retryAfterMs = retryAfterOf(answer.retryAfter);
  throw new HubError(
    kindOf(status, problem.type, answer.contentType),
    `the hub refused ${what}: ${said.slice(0, 500)}`,
    {
      status,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    },
  );
}

function kindOf(status: number, type: string, contentType: string): HubErrorKind {
  if (status === 403 && type.endsWith('/revoked')) return 'revoked';
  // The bare 410 of some proxy on the way stops no agent.
  if (status === 410 && !contentType.includes('problem+json')) return 'protocol';
  if (status === 503 && type.endsWith('/throttled')) return 'throttled';
  return kindByStatus[status] ?? (status >= 500 ? 'unreachable' : 'protocol');
}

function problemOf(answer: HttpAnswer): z.infer<typeof problemSchema> {
  try {
    return problemSchema.parse(JSON.parse(answer.text));
  } catch {
    return { type: '', title: '', detail: '' };
  }
}

function retryAfterOf(header: string | undefined): number | undefined {
  const seconds = Number(header);
  return header === undefined || !Number.isFinite(seconds) || seconds < 0 ? undefined : Math.min(seconds, 600) * 1_000;
}

/** The body of a success as the schema has it. */
export function parseAnswer<T>(what: string, answer: HttpAnswer, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(answer.text);
  } catch {
    throw new HubError('protocol', `the hub's answer to ${what} is not JSON (${answer.contentType || 'no type'})`);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new HubError('protocol', `the hub's answer to ${what} is malformed: ${z.prettifyError(parsed.error)}`);
}
