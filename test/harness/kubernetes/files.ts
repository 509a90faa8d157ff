import { randomBytes } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stringify } from 'yaml';
import { newAuthority, newSigningKey } from './certificates';

export interface ClusterFiles {
  caPem: string;
  adminToken: string;
  kubeconfigPath: string;
  kubeconfig: string;
}

/** Writes what an API server needs. Each cluster has its own authority and keys: one's credentials open no other. */
export function writeClusterFiles(folder: string, name: string, server: string): ClusterFiles {
  const authority = newAuthority(`${name}-ca`);
  const addresses = ['127.0.0.1', 'localhost', 'kubernetes.default.svc', '10.0.0.1'];
  const serving = authority.issue({ commonName: 'kube-apiserver' }, 'server', addresses);
  const signing = newSigningKey();
  const adminToken = randomBytes(24).toString('hex');
  const kubeconfigPath = path.join(folder, 'kubeconfig');
  const kubeconfig = kubeconfigOf(name, server, authority.certificatePem, adminToken);
  const files: Record<string, string> = {
    'ca.crt': authority.certificatePem,
    'server.crt': serving.certificatePem,
    'server.key': serving.privateKeyPem,
    'service-accounts.pub': signing.publicKeyPem,
    'service-accounts.key': signing.privateKeyPem,
    'tokens.csv': `${adminToken},admin,admin,"system:masters"\n`,
    kubeconfig,
  };
  chmodSync(folder, 0o700);
  for (const [file, content] of Object.entries(files)) writeFileSync(path.join(folder, file), content, { mode: 0o600 });
  return { caPem: authority.certificatePem, adminToken, kubeconfigPath, kubeconfig };
}

function kubeconfigOf(name: string, server: string, caPem: string, token: string): string {
  const certificate = Buffer.from(caPem).toString('base64');
  return stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name, cluster: { server, 'certificate-authority-data': certificate } }],
      users: [{ name: `${name}-admin`, user: { token } }],
      contexts: [{ name, context: { cluster: name, user: `${name}-admin` } }],
      'current-context': name,
    },
    { lineWidth: 0 },
  );
}
