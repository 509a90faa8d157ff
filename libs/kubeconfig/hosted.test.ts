import { stringify } from 'yaml';
import { hostedKubeconfigText, maxHostedKubeconfigBytes, readHostedKubeconfig } from './hosted';

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const tokenOf = (claims: object) => `${part({ alg: 'RS256' })}.${part(claims)}.c2lnbmF0dXJl`;
const sub = 'system:serviceaccount:flotilla-system:flotilla-agent';
const token = tokenOf({ sub, iat: 1_000, exp: 5_000 });
const caData = Buffer.from('-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n').toString('base64');

type Part = Record<string, unknown>;
function kubeconfig(cluster: Part = {}, user: Part = {}, more: Part = {}): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server: 'https://k8s.example.com:6443', ...cluster } }],
    users: [{ name: 'u', user: { token, ...user } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
    ...more,
  });
}

function problemsOf(text: string): string[] {
  const read = readHostedKubeconfig(text);
  return read.ok ? [] : read.problems.map(({ field, message }) => `${field} ${message}`);
}

describe('a kubeconfig that is given to the hub', () => {
  it('is a server, its authority and a service account token', () => {
    const extra = {
      'certificate-authority-data': caData,
      'tls-server-name': 'k8s',
      extensions: [{ name: 'minikube' }],
    };
    const read = readHostedKubeconfig(kubeconfig({ ...extra, 'proxy-url': 'http://proxy:3128' }));
    expect(read).toEqual({
      ok: true,
      value: {
        server: 'https://k8s.example.com:6443',
        caData,
        tlsServerName: 'k8s',
        proxyUrl: 'http://proxy:3128/',
        token,
        claims: {
          namespace: 'flotilla-system',
          name: 'flotilla-agent',
          life: { issuedAt: new Date(1_000_000), expiresAt: new Date(5_000_000) },
        },
      },
    });
  });

  it('is read again from what is written of it', () => {
    const read = readHostedKubeconfig(kubeconfig({ 'certificate-authority-data': caData }));
    if (!read.ok) throw new Error('refused');
    expect(readHostedKubeconfig(hostedKubeconfigText(read.value))).toEqual(read);
  });

  it.each([
    ['users[0].user.exec', {}, { token: undefined, exec: { command: 'aws' } }, 'no program'],
    ['users[0].user.auth-provider', {}, { 'auth-provider': { name: 'gcp' } }, 'plug-in'],
    ['users[0].user.tokenFile', {}, { tokenFile: '/etc/passwd' }, 'names a file'],
    ['users[0].user.client-certificate', {}, { 'client-certificate': '/a' }, 'names a file'],
    ['users[0].user.client-key', {}, { 'client-key': '/a' }, 'names a file'],
    ['users[0].user.client-key-data', {}, { 'client-key-data': 'aGk=' }, 'cannot be renewed'],
    ['users[0].user.password', {}, { password: 'hunter2' }, 'password'],
    ['users[0].user.as', {}, { as: 'system:admin' }, 'not supported'],
    ['clusters[0].cluster.certificate-authority', { 'certificate-authority': '/ca' }, {}, '--flatten'],
    ['clusters[0].cluster.insecure-skip-tls-verify', { 'insecure-skip-tls-verify': true }, {}, 'whoever answers'],
    ['clusters[0].cluster.insecure-skip-tls-verify', { 'insecure-skip-tls-verify': 'true' }, {}, 'whoever answers'],
    ['clusters[0].cluster.server', { server: 'http://k8s.example.com' }, {}, 'https://'],
    ['clusters[0].cluster.server', { server: 'file:///etc/passwd' }, {}, 'https://'],
    ['clusters[0].cluster.server', { server: 'https://user:hunter2@k8s' }, {}, 'password'],
    ['clusters[0].cluster.server', { server: 'https://169.254.169.254' }, {}, 'link-local'],
    ['clusters[0].cluster.server', { server: 'https://2852039166/' }, {}, 'link-local'],
    ['clusters[0].cluster.server', { server: 'https://0xa9fea9fe' }, {}, 'link-local'],
    ['clusters[0].cluster.server', { server: 'https://[::ffff:169.254.169.254]' }, {}, 'link-local'],
    ['clusters[0].cluster.server', { server: 'https://[fe80::1]:6443' }, {}, 'link-local'],
    ['clusters[0].cluster.proxy-url', { 'proxy-url': 'socks5://proxy' }, {}, 'http'],
    ['clusters[0].cluster.proxy-url', { 'proxy-url': 'http://169.254.169.254' }, {}, 'link-local'],
    ['clusters[0].cluster.certificate-authority-data', { 'certificate-authority-data': 'aGk=' }, {}, 'PEM'],
    ['clusters[0].cluster.tls-server-name', { 'tls-server-name': 'a\r\nb' }, {}, 'name of a server'],
    ['users[0].user.token', {}, { token: undefined }, 'missing'],
    ['users[0].user.token', {}, { token: 'opaque' }, 'service account'],
    ['users[0].user.token', {}, { token: tokenOf({ sub: 'admin' }) }, 'service account'],
    ['users[0].user.token', {}, { token: tokenOf({ sub: 'system:serviceaccount:../x:y' }) }, 'service account'],
    ['users[0].user.token', {}, { token: `${token}\r\nhost: evil` }, 'service account'],
  ])('is refused by name: %s %j %j', (field, cluster, user, message) => {
    const problems = problemsOf(kubeconfig(cluster, user));
    expect(problems).toContainEqual(
      expect.stringMatching(new RegExp(`^${field.replace(/[[\].]/g, '\\$&')} .*${message}`)),
    );
    expect(problems.join()).not.toContain('hunter2');
    expect(problems.join()).not.toContain(token);
  });

  it('holds exactly one of each', () => {
    const two = kubeconfig(
      {},
      {},
      {
        users: [
          { name: 'u', user: { token } },
          { name: 'v', user: { token } },
        ],
      },
    );
    expect(problemsOf(two)).toEqual([expect.stringContaining('users must hold exactly one user, not 2')]);
    expect(problemsOf(kubeconfig({}, {}, { clusters: 'none' }))[0]).toContain('clusters must hold exactly one');
    expect(problemsOf(kubeconfig({}, {}, { users: [null] }))[0]).toContain('users[0].user is missing');
    const wrong = kubeconfig({}, {}, { contexts: [{ name: 'x', context: { cluster: 'd', user: 'u' } }] });
    expect(problemsOf(wrong)[0]).toContain('names another cluster');
    expect(problemsOf(kubeconfig({}, {}, { 'current-context': 'y' }))[0]).toContain('names another context');
  });

  it('is bounded, and YAML without aliases', () => {
    expect(problemsOf(`# ${'x'.repeat(maxHostedKubeconfigBytes)}`)[0]).toContain('is larger than');
    const bomb = 'a: &a [x,x,x]\nb: &b [*a,*a,*a]\nclusters: [*b,*b,*b]';
    expect(problemsOf(bomb)[0]).toContain('no valid YAML');
    expect(problemsOf('token: hunter2: hunter2')[0]).toContain('no valid YAML');
    expect(problemsOf('{}\n---\n{}')[0]).toContain('no valid YAML');
    expect(problemsOf('[]')[0]).toContain('no YAML map');
    expect(problemsOf('')[0]).toContain('no YAML map');
    expect(problemsOf('clusters: &c []\n__proto__: { users: [] }')[0]).toContain('exactly one');
  });
});
