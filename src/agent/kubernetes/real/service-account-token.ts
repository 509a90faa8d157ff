import { z } from 'zod';
import { KubernetesError } from '../port';
import type { Transport } from './transport';

export interface TokenSubject {
  namespace: string;
  name: string;
}

const answerSchema = z.object({ status: z.object({ token: z.string().min(1) }) });

/**
 * A new token of a service account, by TokenRequest. The server may give it a shorter life than was asked for; the token
 * itself says which. Throws `KubernetesError`.
 */
export async function requestServiceAccountToken(
  transport: Transport,
  { namespace, name }: TokenSubject,
  lifeSeconds: number,
): Promise<string> {
  const answer = await transport.send<unknown>({
    method: 'POST',
    path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/serviceaccounts/${encodeURIComponent(name)}/token`,
    body: {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: lifeSeconds },
    },
  });
  const parsed = answerSchema.safeParse(answer);
  if (parsed.success) return parsed.data.status.token;
  throw new KubernetesError('unavailable', `the answer to a token request of ${namespace}/${name} holds no token`);
}
