import type { Role } from './permissions';
import type { Scope } from './scope';

/** Who does something through the API. */
export interface Actor {
  /** Id of the API token. */
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly scope: Scope;
}

/** As it stands in audit rows and logs: `token:<name>:<first 8 of its id>`; names of tokens need not be unique. */
export function actorText(actor: Actor): string {
  return `token:${actor.name}:${actor.id.slice(0, 8)}`;
}
