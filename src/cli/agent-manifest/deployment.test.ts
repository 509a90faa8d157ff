import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { agentDeployment } from './deployment';

const file = path.join(__dirname, '../../../deploy/agent/agent.yaml');
const options = { hubUrl: 'https://hub', image: 'flotilla-agent:0.1.0', joinSecret: 'flotilla-join', hasCa: false };

interface Pod {
  spec: { template: { spec: { containers: { args: string[]; env: { name: string }[]; volumeMounts: unknown[] }[] } } };
}
const containerOf = (deployment: unknown) => (deployment as Pod).spec.template.spec.containers[0]!;

describe('the deployment of an agent', () => {
  it('is that of deploy/agent, with the address of the hub in it', () => {
    const made = agentDeployment(options);
    const written = parse(readFileSync(file, 'utf8')) as unknown;
    for (const one of [made, written])
      containerOf(one).env = containerOf(one).env.filter(({ name }) => !/HUB/.test(name));
    expect(made).toEqual(written);
  });

  it('trusts an authority of one’s own', () => {
    const container = containerOf(agentDeployment({ ...options, hasCa: true }));
    expect(container.args.slice(-2)).toEqual(['--ca', '/etc/flotilla/ca.crt']);
    expect(container.volumeMounts).toContainEqual({ name: 'ca', mountPath: '/etc/flotilla', readOnly: true });
  });
});
