import { builtinKinds } from './builtin/builtin-kinds';
import { encodeManagedFields, type Owners } from './managed-fields';
import { applyFields, updateFields } from './update';
import type { PlainMap } from './value';

const deployment = () => builtinKinds.find((kind) => kind.kind === 'Deployment')!.type();

function world(live: PlainMap = {}) {
  const state = { object: live, owners: new Map() as Owners };
  return {
    state,
    apply(manager: string, fields: PlainMap, force = false) {
      const outcome = applyFields(
        state.object,
        fields,
        deployment(),
        state.owners,
        { manager, apiVersion: 'apps/v1' },
        force,
      );
      if (outcome.outcome === 'merged') Object.assign(state, { object: outcome.object, owners: outcome.owners });
      return outcome;
    },
    update(manager: string, object: PlainMap) {
      state.owners = updateFields(
        state.object,
        object,
        deployment(),
        state.owners,
        { manager, apiVersion: 'apps/v1' },
        't',
      );
      state.object = object;
    },
    fields: (manager: string) =>
      encodeManagedFields(state.owners).find((entry) => entry.manager === manager)?.fieldsV1 as PlainMap | undefined,
  };
}

const pod = (...containers: PlainMap[]) => ({ spec: { template: { spec: { containers } } } });

describe('server-side apply', () => {
  test('containers merge by name, and each manager owns what it gave', () => {
    const it = world();
    it.apply('a', pod({ name: 'app', image: 'x:1' }));
    it.apply('b', pod({ name: 'side', image: 'y:1' }));
    expect(it.state.object).toEqual(pod({ name: 'app', image: 'x:1' }, { name: 'side', image: 'y:1' }));
    expect(it.fields('b')).toEqual({
      'f:spec': {
        'f:template': {
          'f:spec': { 'f:containers': { 'k:{"name":"side"}': { '.': {}, 'f:name': {}, 'f:image': {} } } },
        },
      },
    });
  });

  test('a port is known by its number and its protocol, which is TCP where nothing is said', () => {
    const it = world();
    it.apply('a', pod({ name: 'app', ports: [{ containerPort: 53 }] }));
    it.apply(
      'b',
      pod({
        name: 'app',
        ports: [
          { containerPort: 53, protocol: 'TCP', name: 'dns' },
          { containerPort: 53, protocol: 'UDP' },
        ],
      }),
    );
    expect(it.state.object).toEqual(
      pod({
        name: 'app',
        ports: [
          { containerPort: 53, protocol: 'TCP', name: 'dns' },
          { containerPort: 53, protocol: 'UDP' },
        ],
      }),
    );
  });

  test('a foreign value is a conflict with its manager and field, and nothing changes', () => {
    const it = world();
    it.apply('a', { spec: { replicas: 1 } });
    const outcome = it.apply('b', { spec: { replicas: 2 } });
    expect(outcome).toEqual({
      outcome: 'conflict',
      conflicts: [{ manager: 'a', apiVersion: 'apps/v1', field: '.spec.replicas' }],
    });
    expect(it.state.object).toEqual({ spec: { replicas: 1 } });
  });

  test('the same value is shared, and stays until the last owner drops it', () => {
    const it = world();
    it.apply('a', { spec: { replicas: 1, paused: true } });
    it.apply('b', { spec: { replicas: 1 } });
    it.apply('a', { spec: { paused: true } });
    expect(it.state.object).toEqual({ spec: { replicas: 1, paused: true } });
    it.apply('b', { spec: {} });
    expect(it.state.object).toEqual({ spec: { paused: true } });
  });

  test('an update steals what it changes, and the next apply conflicts', () => {
    const it = world();
    it.apply('a', { spec: { replicas: 1, paused: true } });
    it.update('kubectl', { spec: { replicas: 5, paused: true } });
    expect(it.fields('a')).toEqual({ 'f:spec': { 'f:paused': {} } });
    expect(it.apply('a', { spec: { replicas: 1 } })).toMatchObject({ outcome: 'conflict' });
    it.apply('a', { spec: { replicas: 1 } }, true);
    expect(it.state.object).toEqual({ spec: { replicas: 1 } });
    expect(it.fields('kubectl')).toBeUndefined();
  });

  test('a removed item stays where another gave it a field of its own', () => {
    const it = world();
    it.apply('a', pod({ name: 'app', image: 'x:1' }));
    it.apply('b', pod({ name: 'app', tty: true }));
    it.apply('a', { spec: { replicas: 1 } });
    expect(it.state.object).toEqual({
      spec: { replicas: 1, template: { spec: { containers: [{ name: 'app', tty: true }] } } },
    });
  });
});
