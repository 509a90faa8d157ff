/** Why an agent cannot run, in words for a person: what happened, to what, and what to do. */
export class AgentError extends Error {
  override readonly name = 'AgentError';
}

export { errorText as messageOf } from '#src/log/logger';
