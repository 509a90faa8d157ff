import type { JsonValue, KubernetesObject } from '#libs/kubernetes/object';
import { agentNamespace } from '#src/agent/names';
import { agentServiceAccount } from '../cluster-add/manifests';

const labels = { 'app.kubernetes.io/name': 'flotilla-agent', 'app.kubernetes.io/part-of': 'flotilla' };
const healthPort = 8080;
const caName = 'flotilla-hub-ca';
const caFolder = '/etc/flotilla';

export interface DeploymentOptions {
  hubUrl: string;
  image: string;
  /** Secret with `token`, which may be missing once the agent has joined. */
  joinSecret: string;
  /** There is a ConfigMap with the certificates to trust for the hub. */
  hasCa: boolean;
}

/** The join token of the agent, which is of use once. */
export function joinSecret(name: string, token: string): KubernetesObject {
  const metadata = { name, namespace: agentNamespace, labels };
  return { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', stringData: { token } };
}

/** PEM certificates to trust for the hub. */
export function caConfigMap(pem: string): KubernetesObject {
  const metadata = { name: caName, namespace: agentNamespace, labels };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'ca.crt': pem } };
}

/** The agent in its cluster: one, without any right on the node, with probes. */
export function agentDeployment(options: DeploymentOptions): KubernetesObject {
  const { hasCa } = options;
  const volumes = [
    // What was fetched, and reports that could not be sent yet: quicker after a restart, and no loss without.
    { name: 'data', emptyDir: { sizeLimit: '1Gi' } },
    { name: 'tmp', emptyDir: { sizeLimit: '64Mi' } },
    ...(hasCa ? [{ name: 'ca', configMap: { name: caName } }] : []),
  ];
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'flotilla-agent', namespace: agentNamespace, labels },
    spec: {
      // One agent a cluster: a second one would take over from the first.
      replicas: 1,
      strategy: { type: 'Recreate' },
      revisionHistoryLimit: 3,
      selector: { matchLabels: { 'app.kubernetes.io/name': 'flotilla-agent' } },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: agentServiceAccount,
          // Variables made for a Service would be taken for settings.
          enableServiceLinks: false,
          // Calls under way are finished; what runs in the cluster stays as it is.
          terminationGracePeriodSeconds: 30,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 1000,
            runAsGroup: 1000,
            fsGroup: 1000,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          containers: [container(options)],
          volumes,
        },
      },
    },
  };
}

function container({ hubUrl, image, joinSecret: secret, hasCa }: DeploymentOptions): JsonValue {
  const probe = (path: string, periodSeconds: number, failureThreshold: number) => ({
    httpGet: { path, port: 'health' },
    periodSeconds,
    failureThreshold,
    timeoutSeconds: 5,
  });
  return {
    name: 'agent',
    image,
    args: [
      'agent',
      'run',
      // The account that applications are applied as is made beside it; the agent may not make it.
      '--no-bootstrap',
      '--data-folder',
      '/data',
      '--health-port',
      String(healthPort),
      '--health-host',
      '$(POD_IP)',
      ...(hasCa ? ['--ca', `${caFolder}/ca.crt`] : []),
    ],
    env: [
      { name: 'FLOTILLA_HUB_URL', value: hubUrl },
      {
        name: 'FLOTILLA_JOIN_TOKEN',
        // Once it has joined, its own key is in Secret flotilla-agent.
        valueFrom: { secretKeyRef: { name: secret, key: 'token', optional: true } },
      },
      { name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
    ],
    ports: [{ name: 'health', containerPort: healthPort }],
    livenessProbe: probe('/healthz', 20, 6),
    readinessProbe: probe('/readyz', 10, 3),
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '512Mi' } },
    volumeMounts: [
      { name: 'data', mountPath: '/data' },
      { name: 'tmp', mountPath: '/tmp' },
      ...(hasCa ? [{ name: 'ca', mountPath: caFolder, readOnly: true }] : []),
    ],
  };
}
