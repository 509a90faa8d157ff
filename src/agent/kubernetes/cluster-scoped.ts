import { type KubernetesObject, type ObjectReference, referenceOf } from '#libs/kubernetes/object';
import { builtinKinds } from '#libs/kubernetes/ssa/builtin/builtin-kinds';
import type { KindReference, KubernetesApi } from './port';

const builtinGroups = new Set(builtinKinds.map(({ group }) => group));

/**
 * The hub cannot know whether a custom kind lives in namespaces when its definition is not in the same rendering, and
 * takes it to do so. Only the cluster knows: this leaves the namespace out of calls for kinds that it serves without, and
 * puts it back into the answers, so that an object has one identity for hub and agent.
 */
export function toleratingNamespaces(api: KubernetesApi): KubernetesApi {
  const isClusterScoped = async (kind: KindReference): Promise<boolean> =>
    !builtinGroups.has(kind.group) && (await api.resourceOf(kind))?.namespaced === false;

  const bare = async (object: KubernetesObject): Promise<KubernetesObject> => {
    const { namespace, ...metadata } = object.metadata;
    if (namespace === undefined || !(await isClusterScoped(referenceOf(object)))) return object;
    return { ...object, metadata };
  };
  const send = async (
    object: KubernetesObject,
    call: (object: KubernetesObject) => Promise<KubernetesObject>,
  ): Promise<KubernetesObject> => withNamespace(await call(await bare(object)), object.metadata.namespace);
  const address = async (reference: ObjectReference): Promise<ObjectReference> =>
    reference.namespace !== '' && (await isClusterScoped(reference)) ? { ...reference, namespace: '' } : reference;

  return {
    serverVersion: () => api.serverVersion(),
    resourceOf: (kind) => api.resourceOf(kind),
    get: async (reference) => {
      const found = await api.get(await address(reference));
      return found && withNamespace(found, reference.namespace);
    },
    list: (kind, options) => api.list(kind, options),
    heads: (kind, options) => api.heads(kind, options),
    watch: (kind, options, onEvent) => api.watch(kind, options, onEvent),
    apply: (object, options) => send(object, (sent) => api.apply(sent, options)),
    create: (object, options) => send(object, (sent) => api.create(sent, options)),
    replace: (object, options) => send(object, (sent) => api.replace(sent, options)),
    delete: async (reference, options) => api.delete(await address(reference), options),
    close: () => api.close(),
  };
}

function withNamespace(object: KubernetesObject, namespace: string | undefined): KubernetesObject {
  if (namespace === undefined || namespace === '' || object.metadata.namespace !== undefined) return object;
  return { ...object, metadata: { ...object.metadata, namespace } };
}
