import { z } from 'zod';
import { digestSchema } from '#libs/protocol/digest';
import { compareVersions, type Root } from '#libs/protocol/root';
import { AgentError } from '../errors';
import type { KubernetesApi } from '../kubernetes/port';
import { stateConfigMap } from '../names';
import { configDataOf, configMapReference, swapConfigMap } from './config-map';

/**
 * What must outlive the agent, in ConfigMap `flotilla-state`: the session counter, and the highest root that was ever
 * accepted. Both are changed by compare-and-swap, so two agents on one cluster cannot both believe that they are the one.
 */
const highestRootSchema = z.object({
  epoch: z.number().int().min(1),
  generation: z.number().int().min(1),
  scopes: z.record(z.string(), digestSchema),
});
export type HighestRoot = z.infer<typeof highestRootSchema>;

export type RootRecorded = { ok: true } | { ok: false; reason: 'superseded' | 'older'; message: string };

export class AgentState {
  constructor(private readonly kubernetes: KubernetesApi) {}

  /** Raises the session counter and gives the new number. */
  async nextSession(): Promise<number> {
    const data = await swapConfigMap(this.kubernetes, stateConfigMap, (present) => ({
      ...present,
      session: String(sessionIn(present) + 1),
    }));
    return sessionIn(data);
  }

  async read(): Promise<{ session: number; highest: HighestRoot | undefined }> {
    const data = configDataOf(await this.kubernetes.get(configMapReference(stateConfigMap)));
    return { session: sessionIn(data), highest: highestIn(data) };
  }

  /** Writes down an accepted root, before anything of it is applied. Refused when another agent has taken over. */
  async recordRoot(session: number, root: Root): Promise<RootRecorded> {
    let refusal: RootRecorded = { ok: true };
    await swapConfigMap(this.kubernetes, stateConfigMap, (present) => {
      refusal = { ok: true };
      const current = sessionIn(present);
      const highest = highestIn(present);
      if (current !== session) {
        refusal = { ok: false, reason: 'superseded', message: `session ${current} has taken over from ${session}` };
        return present;
      }
      const order = highest === undefined ? 1 : compareVersions(root, highest);
      if (order < 0) {
        refusal = { ok: false, reason: 'older', message: 'a newer root was accepted meanwhile' };
        return present;
      }
      if (order === 0) return present;
      const { epoch, generation, scopes } = root;
      return { ...present, root: JSON.stringify({ epoch, generation, scopes }) };
    });
    return refusal;
  }
}

function sessionIn(data: Record<string, string>): number {
  const text = data.session ?? '0';
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new AgentError(
    `ConfigMap ${stateConfigMap}: "session" is ${JSON.stringify(text.slice(0, 40))}, not a number; set it to one that ` +
      'is higher than the session that the hub shows for this cluster',
  );
}

function highestIn(data: Record<string, string>): HighestRoot | undefined {
  if (data.root === undefined) return undefined;
  try {
    return highestRootSchema.parse(JSON.parse(data.root));
  } catch {
    // Taking it for "none" would let an old root in again.
    throw new AgentError(
      `ConfigMap ${stateConfigMap}: "root" cannot be read; restore it, or delete the key when you are sure that the hub ` +
        'is the right one',
    );
  }
}
