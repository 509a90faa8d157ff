import { parse, stringify } from 'yaml';
import { agentNamespace } from '#src/agent/names';
import type { TestCluster } from '#test/harness/kubernetes';
import { newAuthority } from '#test/harness/kubernetes/certificates';
import { type CountingProxy, type Exchange, startCountingProxy } from './counting-proxy';

/** A cluster by way of a proxy that sees each request. */
export async function countCluster(cluster: TestCluster): Promise<{ proxy: CountingProxy; kubeconfig: string }> {
  const authority = newAuthority('bench-proxy-ca');
  const { privateKeyPem, certificatePem } = authority.issue({ commonName: 'bench-proxy' }, 'server', ['127.0.0.1']);
  const proxy = await startCountingProxy({
    target: cluster.server,
    targetCa: Buffer.from(cluster.caData, 'base64').toString('utf8'),
    tls: { key: privateKeyPem, cert: certificatePem },
  });
  const config = parse(cluster.kubeconfig) as { clusters: [{ cluster: Record<string, string> }] };
  config.clusters[0].cluster = {
    server: proxy.url,
    'certificate-authority-data': Buffer.from(authority.certificatePem).toString('base64'),
  };
  return { proxy, kubeconfig: stringify(config, { lineWidth: 0 }) };
}

/** Writes of objects of applications: all but dry runs, reviews, and what the agent keeps for itself in its namespace. */
export function isManagedWrite({ method, path }: Exchange): boolean {
  if (!['POST', 'PUT', 'PATCH', 'DELETE'].includes(method) || /[?&]dryRun=All(&|$)/.test(path)) return false;
  return !path.includes(`/namespaces/${agentNamespace}/`) && !/\/(subject|self|local|token)\w*reviews/i.test(path);
}
