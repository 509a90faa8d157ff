import type { Alias, Node } from 'yaml';
import { isAlias, isMap, isNode, isPair, isSeq } from 'yaml';

export type Bound =
  { ok: true; targets: ReadonlyMap<Alias, Node> } | { ok: false; reason: 'tooDeep' | 'unknownAnchor'; node: Node };

/** Finds the node that each alias stands for: the latest with that anchor before it. Ends at the depth limit. */
export function bindAliases(root: Node, depthLimit: number): Bound {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  const visit = (node: unknown, depth: number): Exclude<Bound, { ok: true }> | undefined => {
    if (!isNode(node)) return undefined;
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (!target) return { ok: false, reason: 'unknownAnchor', node };
      targets.set(node, target);
      return undefined;
    }
    if ('anchor' in node && node.anchor) anchors.set(node.anchor, node);
    if (!isMap(node) && !isSeq(node)) return undefined;
    if (depth > depthLimit) return { ok: false, reason: 'tooDeep', node };
    for (const item of node.items) {
      const failed = isPair(item)
        ? (visit(item.key, depth + 1) ?? visit(item.value, depth + 1))
        : visit(item, depth + 1);
      if (failed) return failed;
    }
    return undefined;
  };
  return visit(root, 1) ?? { ok: true, targets };
}
