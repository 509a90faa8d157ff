/** What the key that heartbeats are authenticated with is sealed for; the owner is `<cluster>/<session>`. */
export const sessionKeyPurpose = 'session-key';
