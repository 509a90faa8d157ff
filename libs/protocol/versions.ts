/**
 * The agents' protocol has one number for the session and what follows it: sync and records. An agent says at opening which
 * numbers it speaks, the hub picks one. A hub serves the newest and the one before, so that hub and agents are upgraded
 * one after the other, hub first. Joining, tokens and keys stay as they are for all of them.
 */

/** What agents of this version speak, newest first. */
export const spokenProtocols: readonly number[] = [1];

export type ChosenProtocol = { ok: true; version: number } | { ok: false; message: string };

/** The newest that both speak, or which side is to be upgraded. */
export function chooseProtocol(served: readonly number[], spoken: readonly number[]): ChosenProtocol {
  const common = served.filter((version) => spoken.includes(version));
  if (common.length > 0) return { ok: true, version: Math.max(...common) };
  const versions = `the agent speaks protocol ${listOf(spoken)}, this hub ${listOf(served)}`;
  const isAgentOlder = Math.max(...spoken) < Math.min(...served);
  const remedy = isAgentOlder
    ? 'the agent is too old: upgrade it to the version of the hub, by way of the versions between where there are some'
    : 'the agent is too new: upgrade the hub first, or run the former version of the agent until then';
  return { ok: false, message: `${versions}; ${remedy}` };
}

function listOf(versions: readonly number[]): string {
  return [...versions].sort((a, b) => a - b).join(' and ');
}
