/** Migrations go forward only: a release that must be taken back is answered by a further migration. */
export async function forwardOnly(): Promise<void> {
  await Promise.reject(new Error('migrations are forward only; restore a backup instead'));
}
