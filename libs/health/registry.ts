import { groupOf, type KubernetesObject } from '#libs/kubernetes/object';
import type { Health } from './health';
import { apiServiceHealth } from './kinds/api-service';
import { cronJobHealth } from './kinds/cron-job';
import { customResourceDefinitionHealth } from './kinds/custom-resource-definition';
import { daemonSetHealth } from './kinds/daemon-set';
import { deploymentHealth } from './kinds/deployment';
import { horizontalPodAutoscalerHealth } from './kinds/horizontal-pod-autoscaler';
import { ingressHealth } from './kinds/ingress';
import { jobHealth } from './kinds/job';
import { namespaceHealth } from './kinds/namespace';
import { persistentVolumeClaimHealth } from './kinds/persistent-volume-claim';
import { podHealth } from './kinds/pod';
import { podDisruptionBudgetHealth } from './kinds/pod-disruption-budget';
import { replicaSetHealth } from './kinds/replica-set';
import { serviceHealth } from './kinds/service';
import { statefulSetHealth } from './kinds/stateful-set';

export type HealthRule = (object: KubernetesObject, nowMs?: number) => Health;

/** Rules by `group/Kind`. What is not here is judged by its conditions. */
const rules = new Map<string, HealthRule>([
  ['/Namespace', namespaceHealth],
  ['/PersistentVolumeClaim', persistentVolumeClaimHealth],
  ['/Pod', podHealth],
  ['/Service', serviceHealth],
  ['apiextensions.k8s.io/CustomResourceDefinition', customResourceDefinitionHealth],
  ['apiregistration.k8s.io/APIService', apiServiceHealth],
  ['apps/DaemonSet', daemonSetHealth],
  ['apps/Deployment', deploymentHealth],
  ['apps/ReplicaSet', replicaSetHealth],
  ['apps/StatefulSet', statefulSetHealth],
  ['autoscaling/HorizontalPodAutoscaler', horizontalPodAutoscalerHealth],
  ['batch/CronJob', cronJobHealth],
  ['batch/Job', jobHealth],
  ['networking.k8s.io/Ingress', ingressHealth],
  ['policy/PodDisruptionBudget', podDisruptionBudgetHealth],
]);

export function healthRuleOf(object: KubernetesObject): HealthRule | undefined {
  return rules.get(`${groupOf(object.apiVersion)}/${object.kind}`);
}
