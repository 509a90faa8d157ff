/** Why an agent cannot run, in words for a person: what happened, to what, and what to do. */
export class AgentError extends Error {
  override readonly name = 'AgentError';
}

/** Thrown where work is given up because the agent stops; nobody needs to be told. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}

export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || String((error as { code?: unknown }).code ?? error.name);
}
