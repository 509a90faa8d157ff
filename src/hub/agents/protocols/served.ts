import { z } from 'zod';
import { chooseProtocol } from '#libs/protocol/versions';
import { Problem } from '#src/hub/http/problem';
import { validate } from '#src/hub/http/validation';
import type { SyncRequest } from '#libs/protocol/sync';
import type { AgentProtocol } from './protocol';
import { version1 } from './version-1';

/** The newest and the one before it. */
const served: readonly AgentProtocol[] = [version1];

/** Of a body whose shape its version decides. */
export const versionedSchema = z.looseObject({ protocol: z.number().int().min(0).max(1_000) });
export type Versioned = z.infer<typeof versionedSchema>;

/** For a session. Throws the problem `unsupported-protocol`, which says what to upgrade. */
export function negotiate(spoken: readonly number[]): number {
  const chosen = chooseProtocol(
    served.map(({ version }) => version),
    spoken,
  );
  if (!chosen.ok) throw new Problem('unsupported-protocol', chosen.message);
  return chosen.version;
}

/** Throws the problem `unsupported-protocol`, and `invalid` for what is not as its version has it. */
export function readSync(body: Versioned): { protocol: AgentProtocol; request: SyncRequest } {
  const version = negotiate([body.protocol]);
  const protocol = served.find((one) => one.version === version)!;
  const request = validate(protocol.sync, body);
  if (!request.ok) throw Problem.invalid(request.errors);
  return { protocol, request: request.value };
}
