import { withHint } from '../client/answers';
import type { Hub } from '../client/hub';
import { CliError } from '../errors';
import { exitCodes } from '../exit-codes';
import type { View } from '../output/show';

/** A sort of thing that `get`, `describe` and `delete` take. */
export interface Kind<T = unknown> {
  /** In the singular, as it is said: `cluster`. */
  name: string;
  plural: string;
  aliases: readonly string[];
  view: View<T>;
  list(hub: Hub): Promise<T[]>;
  /** Throws a CliError where there is none of that name. */
  get?(hub: Hub, name: string): Promise<T>;
  /** Text for people: what it is, what is wrong with it, and what to do first. */
  describe?(hub: Hub, item: T, now: Date): Promise<string>;
  /** Returns the line to print. */
  delete?(hub: Hub, name: string): Promise<string>;
}

/** The thing of that name. Throws a CliError that says where the names are. */
export async function named<T>(kind: Kind<T>, hub: Hub, name: string): Promise<T> {
  if (kind.get === undefined) throw CliError.usage(`${kind.plural} are not shown by name`);
  return await withHint(kind.get(hub, name), exitCodes.notFound, `see: flotilla get ${kind.plural}`);
}
