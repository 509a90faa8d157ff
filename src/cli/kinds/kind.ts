import type { Hub } from '../client/hub';
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
