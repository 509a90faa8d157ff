import { Injectable } from '@nestjs/common';
import { diffFields, type FieldChange } from '#libs/diff/field-diff';
import { diffObjects, type Mask, type ObjectChange } from '#libs/diff/object-diff';
import { shownDigest } from '#libs/drift/digest';
import type { JsonValue, KubernetesObject } from '#libs/kubernetes/object';
import { canonicalJson } from '#libs/protocol/canonical';
import type { Digest } from '#libs/protocol/digest';
import type { BundleNode } from '#libs/protocol/nodes';
import { Nodes } from '#src/hub/nodes/nodes.service';
import { Sealing } from '#src/hub/security/sealing';
import type { BundlePair } from './diff.repository';

export interface BundleDiff {
  objects: ObjectChange[];
  moreObjects: number;
  policy: FieldChange[];
}

const maxObjects = 500;
const maxPolicyFields = 50;

/** What becomes of the objects when one bundle is replaced by another. Objects that both have are not even read. */
@Injectable()
export class BundleDiffs {
  constructor(
    private readonly nodes: Nodes,
    private readonly sealing: Sealing,
  ) {}

  async between({ from, to }: BundlePair): Promise<BundleDiff> {
    const [before, after] = [await this.bundle(from), await this.bundle(to)];
    const [had, has] = [new Set(before?.objects), new Set(after?.objects)];
    const objects = diffObjects(
      await this.objects([...had].filter((digest) => !has.has(digest))),
      await this.objects([...has].filter((digest) => !had.has(digest))),
      this.mask,
    );
    return {
      objects: objects.slice(0, maxObjects),
      moreObjects: Math.max(0, objects.length - maxObjects),
      policy:
        before === undefined || after === undefined
          ? []
          : diffFields(before.policy, after.policy, { show: (value) => value, maxChanges: maxPolicyFields }).changes,
    };
  }

  /** Keyed, so that it cannot be tried against guesses outside of this hub. */
  private readonly mask: Mask = (value: JsonValue, object: string) => {
    const text = this.sealing.fingerprint('diff', `${object}\0${canonicalJson(value)}`);
    return shownDigest(Buffer.from(text, 'base64url').toString('hex'));
  };

  private async bundle(digest: Digest | null): Promise<BundleNode | undefined> {
    if (digest === null) return undefined;
    const node = (await this.nodes.load([digest])).get(digest)?.node;
    if (node?.kind !== 'bundle') throw new Error(`bundle ${digest} is not stored`);
    return node;
  }

  private async objects(digests: readonly Digest[]): Promise<KubernetesObject[]> {
    const loaded = await this.nodes.load(digests);
    return digests.map((digest) => {
      const node = loaded.get(digest)?.node;
      if (node?.kind !== 'object') throw new Error(`object ${digest} is not stored`);
      return node.object;
    });
  }
}
