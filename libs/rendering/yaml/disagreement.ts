import type { Node, Pair, Scalar } from 'yaml';
import { isCollection, isNode, isPair, isScalar } from 'yaml';

export interface Disagreement {
  offset: number;
  message: string;
  remedy: string;
}

const escapedBreakThenBlank = /(?<!\\)(?:\\\\)*\\\n[ \t]*\n/;

/**
 * Finds the rare spellings that our parser (YAML 1.2) and kubectl's (YAML 1.1) both accept and read differently; comparing
 * the two on mutated manifests left these. Refusing them is better than guessing. Expects a tree of bounded depth.
 */
export function findDisagreement(root: Node, text: string): Disagreement | undefined {
  const visit = (node: unknown, inFlow: boolean): Disagreement | undefined => {
    if (isScalar(node)) return inScalar(node, text, inFlow);
    if (!isCollection(node)) return undefined;
    const flow = inFlow || node.flow === true;
    for (const item of node.items as unknown[]) {
      const found = isPair(item)
        ? (visit(item.key, flow) ?? (flow ? inFlowPair(item, text) : undefined) ?? visit(item.value, flow))
        : visit(item, flow);
      if (found) return found;
    }
    return undefined;
  };
  return visit(root, false);
}

function inScalar(node: Scalar, text: string, inFlow: boolean): Disagreement | undefined {
  if (!node.range) return undefined;
  const offset = node.range[0];
  if (node.type === 'QUOTE_DOUBLE' && escapedBreakThenBlank.test(text.slice(offset, node.range[1]))) {
    const message = 'within double quotes, an empty line follows an escaped line end';
    return { offset, message, remedy: 'write the line ends as \\n' };
  }
  if (inFlow && node.type === 'PLAIN' && String(node.value).startsWith('?')) {
    return { offset, message: 'within brackets, a value begins with `?`', remedy: 'quote the value' };
  }
  return undefined;
}

/** `{a:}`: a key `a` or a key `a:`. */
function inFlowPair(pair: Pair, text: string): Disagreement | undefined {
  const { key, value } = pair;
  if (!isScalar(key) || key.type !== 'PLAIN' || !isNode(value) || !value.range) return undefined;
  const offset = value.range[0];
  if (text[offset - 1] !== ':' || !/^[,\]}]/.test(text.slice(offset, offset + 1))) return undefined;
  return { offset, message: 'within brackets, no space follows the colon of a key', remedy: 'put a space after it' };
}
