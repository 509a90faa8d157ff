import { sharedKubernetes } from '#test/harness/kubernetes';
import { coreTypes } from '#libs/kubernetes/ssa/builtin/core-types';
import { encodeOpenApi } from '#libs/kubernetes/ssa/builtin/encode-openapi';
import { builtinKindLines } from '#libs/kubernetes/ssa/builtin/kinds';
import { otherTypes } from '#libs/kubernetes/ssa/builtin/other-types';

jest.setTimeout(120_000);

test('the tables of built-in kinds and types are those of the API server', async () => {
  const { clusters } = await sharedKubernetes();
  const { stdout } = await clusters[0]!.kubectl('get', '--raw', '/openapi/v2');
  const { types, kinds } = encodeOpenApi(JSON.parse(stdout) as Record<string, unknown>);
  const core = types.get('io.k8s.api.core.v1') ?? [];
  types.delete('io.k8s.api.core.v1');
  expect(builtinKindLines).toEqual(kinds);
  expect(coreTypes).toEqual(core);
  expect([...otherTypes].sort()).toEqual([...types.values()].flat().sort());
});
