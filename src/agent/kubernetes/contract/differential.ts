import type { KubernetesObject } from '#libs/kubernetes/object';
import { referenceOf } from '#libs/kubernetes/object';
import { type KubernetesApi, KubernetesError } from '../port';
import { essenceOf } from './essence';
import { seriesKinds, seriesOf, type Step } from './series';
import { ContractWorld } from './world';

const subjects: Record<string, string> = { ConfigMap: 'v1', Service: 'v1', Deployment: 'apps/v1' };

/** Tests only: the same random series of writes gives the same objects, owners and conflicts in two servers. */
export function describeDifferential(
  left: () => KubernetesApi,
  right: () => KubernetesApi,
  seeds: number[],
  length = 14,
): void {
  describe.each(seriesKinds)('%s', (kind) => {
    test.each(seeds)('seed %d', async (seed) => {
      const world = new ContractWorld(left());
      const namespace = world.fresh(`series-${kind.toLowerCase()}-${seed}`);
      for (const api of [left(), right()]) {
        await api.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
      }
      const done: string[] = [];
      for (const step of seriesOf(kind, seed, length, namespace)) {
        done.push(shown(step));
        const [one, other] = await Promise.all([
          take(left(), step, kind, namespace),
          take(right(), step, kind, namespace),
        ]);
        expect({ done, outcome: one }).toEqual({ done, outcome: other });
      }
    });
  });
}

/** What a step comes to: the object that is there after it, or the error and whose fields are in the way. */
async function take(api: KubernetesApi, step: Step, kind: string, namespace: string): Promise<unknown> {
  const apiVersion = subjects[kind]!;
  const reference = referenceOf({ apiVersion, kind, metadata: { name: 'subject', namespace } });
  const before = await api.get(reference);
  const outcome = await write(api, step, before).catch((error: unknown) => {
    if (!(error instanceof KubernetesError)) throw error;
    const conflicts = (error.details.conflicts ?? []).map(({ manager, field }) => `${manager} ${field}`).sort();
    return { error: error.errorClass, conflicts };
  });
  const after = await api.get(reference);
  // Controllers write the status of a Deployment meanwhile.
  const unchanged = kind !== 'Deployment' && after?.metadata.resourceVersion === before?.metadata.resourceVersion;
  return { ...outcome, unchanged, object: after && essenceOf(after) };
}

async function write(api: KubernetesApi, step: Step, before: KubernetesObject | undefined): Promise<object> {
  if (step.verb === 'apply') {
    await api.apply(step.object, { fieldManager: step.manager, force: step.force });
    return {};
  }
  if (!before) return { skipped: true };
  delete before.metadata.resourceVersion;
  step.change(before);
  await api.replace(before, { fieldManager: step.manager });
  return {};
}

function shown(step: Step): string {
  if (step.verb === 'update') return `${step.manager} updates ${step.describe}`;
  return `${step.manager} applies${step.force ? ' with force' : ''} ${JSON.stringify(step.object)}`;
}
