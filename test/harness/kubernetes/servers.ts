import path from 'node:path';
import type { Server } from '../run/server';

interface Where {
  /** With the binaries. */
  part: string;
  /** The server's own. */
  folder: string;
  lifelineFifo?: string;
}

export interface EtcdPorts {
  client: number;
  peer: number;
}

export function etcdServer({ part, folder, lifelineFifo }: Where, ports: EtcdPorts): Server {
  const client = `http://127.0.0.1:${ports.client}`;
  const peer = `http://127.0.0.1:${ports.peer}`;
  const args = [
    `--data-dir=${path.join(folder, 'data')}`,
    '--name=test',
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=test=${peer}`,
    '--unsafe-no-fsync',
    '--log-level=error',
    `--quota-backend-bytes=${1024 * 1024 * 1024}`,
  ];
  return { name: 'etcd', folder, command: path.join(part, 'etcd'), args, lifelineFifo };
}

/** Files of the public key infrastructure lie in the folder, under the names used here. */
export function apiServer(
  { part, folder, lifelineFifo }: Where,
  port: number,
  etcdPort: number,
  prefix: string,
): Server {
  const file = (name: string) => path.join(folder, name);
  const args = [
    `--etcd-servers=http://127.0.0.1:${etcdPort}`,
    `--etcd-prefix=${prefix}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--secure-port=${port}`,
    `--tls-cert-file=${file('server.crt')}`,
    `--tls-private-key-file=${file('server.key')}`,
    `--client-ca-file=${file('ca.crt')}`,
    `--cert-dir=${folder}`,
    `--token-auth-file=${file('tokens.csv')}`,
    '--anonymous-auth=false',
    '--authorization-mode=RBAC',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${file('service-accounts.pub')}`,
    `--service-account-signing-key-file=${file('service-accounts.key')}`,
    '--service-cluster-ip-range=10.0.0.0/24',
    // Without a controller manager no namespace would get its default service account, and pods would be refused.
    '--disable-admission-plugins=ServiceAccount,TaintNodesByCondition',
    '--enable-priority-and-fairness=false',
    '--allow-privileged=true',
    '--endpoint-reconciler-type=none',
    '--profiling=false',
    '--event-ttl=10m',
    '--storage-media-type=application/vnd.kubernetes.protobuf',
    '-v=0',
  ];
  return { name: 'kube-apiserver', folder, command: path.join(part, 'kube-apiserver'), args, lifelineFifo };
}

const controllers = [
  'namespace-controller',
  'garbage-collector-controller',
  'deployment-controller',
  'replicaset-controller',
  'statefulset-controller',
  'daemonset-controller',
  'job-controller',
  'cronjob-controller',
  'endpointslice-controller',
  'serviceaccount-controller',
  'disruption-controller',
  'resourcequota-controller',
  'clusterrole-aggregation-controller',
];

export function controllerManager({ part, folder, lifelineFifo }: Where, port: number, kubeconfig: string): Server {
  const args = [
    `--kubeconfig=${kubeconfig}`,
    '--leader-elect=false',
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    `--cert-dir=${folder}`,
    '--use-service-account-credentials=false',
    `--service-account-private-key-file=${path.join(folder, 'service-accounts.key')}`,
    `--root-ca-file=${path.join(folder, 'ca.crt')}`,
    `--controllers=${controllers.join(',')}`,
    '--concurrent-gc-syncs=5',
    '--kube-api-qps=200',
    '--kube-api-burst=400',
    '-v=0',
  ];
  const command = path.join(part, 'kube-controller-manager');
  return { name: 'kube-controller-manager', folder, command, args, lifelineFifo };
}
