/**
 * What went wrong with a call of the Kubernetes API, by what should be done about it:
 * - `invalid`, `forbidden`, `unauthorized`, `tooLarge`: trying again changes nothing until someone acts
 * - `notFound`: the namespace or the kind is missing; may appear
 * - `conflict`: another manager owns fields (the error names them), or the resource version or UID is another
 * - `alreadyExists`: from create
 * - `throttled`: wait as long as the server says
 * - `unavailable`, `timeout`: the server or the way to it; whether a write took place is unknown
 */
export type KubernetesErrorClass =
  | 'invalid'
  | 'forbidden'
  | 'unauthorized'
  | 'tooLarge'
  | 'notFound'
  | 'conflict'
  | 'alreadyExists'
  | 'throttled'
  | 'unavailable'
  | 'timeout';
