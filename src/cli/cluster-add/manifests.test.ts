import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { KubernetesObject } from '#libs/kubernetes/object';
import { RENDER_LIMITS } from '#libs/rendering/limits';
import { parseFile } from '#libs/rendering/yaml/parse';
import { agentManifests } from './manifests';

const deploy = path.join(__dirname, '../../../deploy');

function objectsIn(file: string): KubernetesObject[] {
  const parsed = parseFile({ path: file, content: readFileSync(path.join(deploy, file)) }, RENDER_LIMITS);
  expect(parsed.errors).toEqual([]);
  return parsed.documents.map(({ value }) => value as unknown as KubernetesObject);
}

const manifests = readdirSync(deploy, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yaml'));
const rules = (objects: KubernetesObject[]) =>
  objects.flatMap((object) =>
    ((object['rules'] ?? []) as { apiGroups: string[]; resources: string[]; verbs: string[] }[]).map((rule) => ({
      ...rule,
      kind: object.kind,
    })),
  );

describe('the manifests of the agent', () => {
  it('give it the rights that `cluster add` installs', () => {
    expect(objectsIn('agent/rbac.yaml')).toEqual(agentManifests());
  });

  it('let it write only its own books, and become only the account that applications are applied as', () => {
    for (const platform of [undefined, 'shop/deployer']) {
      const writing = rules(agentManifests(platform)).filter(({ verbs }) =>
        verbs.some((verb) => !['get', 'list', 'watch'].includes(verb)),
      );
      expect(writing.map(({ kind, resources }) => [kind, ...resources])).toEqual([
        ['Role', 'configmaps', 'secrets'],
        ['Role', 'serviceaccounts/token'],
        ['Role', 'serviceaccounts'],
      ]);
    }
  });

  it('with an account of the user’s own make none, bind nobody to cluster-admin, and read no Secrets and no subresources of the core', () => {
    const objects = agentManifests('shop/deployer');
    expect(JSON.stringify(objects)).not.toMatch(/cluster-admin|flotilla-platform/);
    const core = rules(objects).filter(
      ({ kind, apiGroups }) => kind === 'ClusterRole' && /^(|\*)$/.test(apiGroups[0]!),
    );
    expect(core).toHaveLength(1);
    expect(core[0]!.resources).not.toContain('secrets');
    expect(core[0]!.resources.filter((resource) => /[/*]/.test(resource))).toEqual([]);
    const impersonation = objects.find(({ metadata }) => metadata.name === 'flotilla-agent-impersonation');
    expect(impersonation).toMatchObject({ metadata: { namespace: 'shop' }, rules: [{ resourceNames: ['deployer'] }] });
  });
});

describe('what is deployed', () => {
  it.each(manifests)('%s can be read, and each object says what it is', (file) => {
    for (const object of objectsIn(file)) {
      expect(object).toMatchObject({ apiVersion: expect.any(String), kind: expect.any(String) });
      expect(object.metadata.name).toMatch(/^flotilla(-[a-z-]+)?$/);
    }
  });

  it.each(manifests.flatMap((file) => objectsIn(file).filter(({ kind }) => kind === 'Deployment')))(
    'runs $metadata.name with as few rights as a pod can have',
    ({ spec }) => {
      const pod = (spec as { template: { spec: Record<string, unknown> & { containers: unknown[] } } }).template.spec;
      expect(pod).toMatchObject({
        enableServiceLinks: false,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      });
      for (const container of pod.containers) {
        expect(container).toMatchObject({
          image: expect.stringMatching(/:\d/),
          resources: { requests: expect.anything(), limits: { memory: expect.anything() } },
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
        });
      }
    },
  );
});
