import pLimit from 'p-limit';
import { applyPhases, type Phase } from '#libs/apply/order';
import { describeObject, groupOf, type KubernetesObject, objectKey, referenceOf } from '#libs/kubernetes/object';
import type { Pass } from '../reconcile/context';
import type { Refusal } from '../reconcile/permit';
import type { DesiredObject } from '../sync/desired';
import { applyObject, type Applied } from './apply-object';
import { definedKind, isEstablishedInTime } from './established';

const concurrentObjects = 8;

export interface PlanOutcome {
  /** Why it did not come to an end; undefined when every object was tried. */
  stopped?: Refusal;
  /** What failed, and what waits for that: key → message. */
  failed: Map<string, string>;
}

/**
 * Applies these objects in order. What fails holds up only what needs it: a namespace its objects, a definition its kind,
 * a wave the waves after it. `force` and what was applied before come from `how`; `done` hears of each that succeeded.
 */
export async function applyPlan(
  pass: Pass,
  objects: readonly DesiredObject[],
  how: (object: DesiredObject) => { force: boolean; before: string },
  done: (object: DesiredObject, live: KubernetesObject) => void,
): Promise<PlanOutcome> {
  const order = applyPhases(objects.map(({ node }) => node.object));
  if (!order.ok) {
    return { failed: new Map(order.errors.map((error) => [objectKey(error.object), error.message])) };
  }
  const byObject = new Map(objects.map((object) => [object.node.object, object]));
  const obstacles = new Obstacles();
  const limit = pLimit(concurrentObjects);
  for (const phase of order.phases) {
    let stopped: PlanOutcome['stopped'];
    const applyOne = async (object: DesiredObject): Promise<void> => {
      const obstacle = obstacles.before(object, phase);
      if (obstacle !== undefined) return void obstacles.failed.set(object.key, obstacle);
      const outcome: Applied =
        stopped === undefined ? await applyObject(pass, object, how(object)) : { kind: 'stopped', permit: stopped };
      if (outcome.kind === 'stopped') stopped ??= outcome.permit;
      else if (outcome.kind === 'failed') obstacles.add(object, phase, outcome.message);
      else {
        done(object, outcome.live);
        await checkEstablished(pass, object, phase, outcome.live, obstacles);
      }
    };
    await Promise.all(phase.objects.map((each) => limit(() => applyOne(byObject.get(each)!))));
    if (stopped !== undefined) return { stopped, failed: obstacles.failed };
  }
  return { failed: obstacles.failed };
}

async function checkEstablished(
  pass: Pass,
  object: DesiredObject,
  phase: Phase,
  live: KubernetesObject,
  obstacles: Obstacles,
): Promise<void> {
  if (phase.waitFor !== 'established' || (await isEstablishedInTime(pass, live))) return;
  if (pass.permit().ok) obstacles.add(object, phase, 'the API server does not serve it yet (condition Established)');
}

/** What has failed, and what therefore need not be tried. */
class Obstacles {
  readonly failed = new Map<string, string>();
  private readonly namespaces = new Set<string>();
  private readonly kinds = new Set<string>();
  private wave: number | undefined;

  add(object: DesiredObject, phase: Phase, message: string): void {
    this.failed.set(object.key, message);
    const { object: value } = object.node;
    if (phase.stage === 'namespaces') this.namespaces.add(value.metadata.name);
    else if (phase.stage === 'definitions') this.kinds.add(definedKind(value));
    else this.wave ??= phase.wave;
  }

  before({ node: { object } }: DesiredObject, phase: Phase): string | undefined {
    const reference = referenceOf(object);
    if (this.namespaces.has(reference.namespace)) {
      return `waits for Namespace ${reference.namespace}, which could not be applied`;
    }
    if (this.kinds.has(`${groupOf(object.apiVersion)}/${object.kind}`)) {
      return `waits for the definition of ${describeObject(reference).split(' ')[0]}, which is not served`;
    }
    if (phase.stage === 'objects' && this.wave !== undefined && phase.wave > this.wave) {
      return `waits for wave ${this.wave}, of which not everything could be applied`;
    }
    return undefined;
  }
}
