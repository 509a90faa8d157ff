import { KubernetesError } from '../port';
import { chooseEntries } from './kubeconfig';

const kubeconfig = (user: object, cluster: object = { server: 'https://10.0.0.1:6443/' }) =>
  JSON.stringify({
    'current-context': 'prod',
    contexts: [
      { name: 'prod', context: { cluster: 'c', user: 'u' } },
      { name: 'lost', context: { cluster: 'nowhere', user: 'u' } },
    ],
    clusters: [{ name: 'c', cluster }],
    users: [{ name: 'u', user }],
  });

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(KubernetesError);
    expect((error as KubernetesError).errorClass).toBe('invalid');
    return (error as KubernetesError).message;
  }
  throw new Error('it was not refused');
}

test('takes the current context’s cluster and user, and no others', () => {
  const chosen = chooseEntries({ kubeconfig: kubeconfig({ token: 't' }) });
  expect(chosen).toMatchObject({ server: 'https://10.0.0.1:6443', changing: false });
  expect(JSON.parse(chosen.text)).toMatchObject({
    users: [{ name: 'u', user: { token: 't' } }],
    contexts: [{ name: 'prod' }],
  });
});

test('a program to log in by is refused by the name of the user, unless it is allowed', () => {
  const exec = kubeconfig({ exec: { command: 'aws', apiVersion: 'client.authentication.k8s.io/v1' } });
  expect(refusal(() => chooseEntries({ kubeconfig: exec }))).toContain('user "u" logs in by a program');
  expect(refusal(() => chooseEntries({ kubeconfig: exec, allowExec: false }))).toContain('not allowed');
  expect(chooseEntries({ kubeconfig: exec, allowExec: true }).changing).toBe(true);
  expect(refusal(() => chooseEntries({ kubeconfig: kubeconfig({ 'auth-provider': { name: 'gcp' } }) }))).toContain(
    '"u"',
  );
});

test('files are refused unless they are allowed, and a token file is read again', () => {
  const files = kubeconfig({ tokenFile: '/run/token' });
  expect(refusal(() => chooseEntries({ kubeconfig: files }))).toContain('tokenFile');
  const chosen = chooseEntries({ kubeconfig: files, allowFiles: true });
  expect(chosen).toMatchObject({ tokenFile: '/run/token', changing: true });
  expect(chosen.text).not.toContain('/run/token');
});

test.each([
  ['is no valid YAML', '{ token: secret', undefined],
  ['is no YAML map', 'secret', undefined],
  ['names no current-context', '{}', undefined],
  ['has no context "other" (contexts: prod, lost)', kubeconfig({}), 'other'],
  ['has no cluster "nowhere" (clusters: c)', kubeconfig({}), 'lost'],
  ['cluster "c" has no server URL', kubeconfig({}, {}), undefined],
  ['cluster "c" has an http:// server', kubeconfig({}, { server: 'http://10.0.0.1' }), undefined],
])('%s', (expected, text, context) => {
  const message = refusal(() => chooseEntries({ kubeconfig: text, context }));
  expect(message).toContain(expected);
  expect(message).not.toContain('secret');
});
