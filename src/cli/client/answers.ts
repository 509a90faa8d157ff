import { randomUUID } from 'node:crypto';
import { CliError } from '../errors';
import { type ExitCode, exitCodes } from '../exit-codes';
import type { components } from './generated/api';

type Problem = components['schemas']['Problem'];

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** What the hub answered. Throws a CliError that says what it refused, and what to do. */
export async function answered<T>(call: Promise<Answer<T>>): Promise<T> {
  const answer = await receive(call);
  if (answer.response.ok) return answer.data as T;
  throw refusal(answer.response, answer.error);
}

/** As `answered`, but undefined where there is no such thing. */
export async function answeredIfFound<T>(call: Promise<Answer<T>>): Promise<T | undefined> {
  const answer = await receive(call);
  if (answer.response.ok) return answer.data;
  if (answer.response.status === 404 && isProblem(answer.error)) return undefined;
  throw refusal(answer.response, answer.error);
}

/** Says what to do next about a refusal that ends with this exit code. */
export async function withHint<T>(call: Promise<T>, exitCode: ExitCode, hint: string): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof CliError) || error.exitCode !== exitCode) throw error;
    throw new CliError(exitCode, error.message, { ...error.parts, hint });
  }
}

/** For requests that create: repeated after a lost connection, they create nothing twice. */
export function creating(): { headers: Record<string, string> } {
  return { headers: { 'Idempotency-Key': randomUUID() } };
}

async function receive<T>(call: Promise<Answer<T>>): Promise<Answer<T>> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof SyntaxError) throw CliError.failed('what answered is not a Flotilla hub: it sent no JSON');
    throw error;
  }
}

const byStatus: Record<number, [code: ExitCode, hint?: string]> = {
  401: [exitCodes.unauthorised, 'log in again: `flotilla login URL`'],
  403: [exitCodes.unauthorised, '`flotilla context show` tells whose token this is and what it may do'],
  404: [exitCodes.notFound],
  409: [exitCodes.conflict],
  412: [exitCodes.conflict, 'somebody else has changed it: read it again and repeat the change'],
  429: [exitCodes.failed, 'wait a little and try again'],
  502: [exitCodes.unreachable, 'is the hub running behind this address?'],
  503: [exitCodes.unreachable, 'wait a little and try again; /readyz of the hub says what it lacks'],
  504: [exitCodes.unreachable, 'is the hub running behind this address?'],
};

function refusal(response: Response, body: unknown): CliError {
  const [exitCode, hint] = byStatus[response.status] ?? [exitCodes.failed];
  if (!isProblem(body)) {
    return new CliError(exitCode, `${response.url} answered ${response.status}, and not as a Flotilla hub does`, {
      hint: 'check the address: `flotilla context show`',
    });
  }
  const errors = body.errors ?? [];
  const details = errors.map(({ field, message }) => `${field}: ${message}`);
  const message = errors.length > 0 ? body.title.replace(/^T/, 't') : body.detail;
  if (response.status >= 500 && body.requestId !== undefined) details.push(`request ${body.requestId}`);
  return new CliError(exitCode, message, { details, hint });
}

function isProblem(body: unknown): body is Problem {
  const { title, detail, status } = (body ?? {}) as Record<string, unknown>;
  return typeof title === 'string' && typeof detail === 'string' && typeof status === 'number';
}
