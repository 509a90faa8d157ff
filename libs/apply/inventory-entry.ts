import type { ObjectReference } from '#libs/kubernetes/object';

/** One object that this application on this cluster has applied: what the agent may touch, and only that. */
export interface InventoryEntry extends ObjectReference {
  /** Of the object as it was when we applied it; another UID is another object. */
  uid: string;
  /** Of the object node that was applied last. */
  digest: string;
  /** The object said `flotilla.dev/prune: disabled` when it was applied last. */
  keep?: boolean;
}
