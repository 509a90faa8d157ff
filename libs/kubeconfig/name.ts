/**
 * The name of a cluster from that of a kubeconfig's context: `arn:aws:eks:eu-west-1:1234:cluster/Shop_1` → `shop-1`,
 * `gke_project_europe-west1_shop` → `shop`. Undefined where nothing is left of it.
 */
export function clusterNameFrom(context: string): string | undefined {
  const gke = /^gke_[^_]+_[^_]+_(.+)$/.exec(context)?.[1];
  const last = (gke ?? context).split(/[/@]/).filter((part) => part !== '');
  // `user@cluster` and `…:cluster/name` both end with what is meant.
  const name = (last.at(-1) ?? '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '');
  return name === '' ? undefined : name;
}
