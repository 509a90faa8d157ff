/** Runs the work with what the parts need, and ends what was started, the last first, whatever happened. */
export async function withCleanup<T>(work: (later: (end: () => unknown) => void) => Promise<T>): Promise<T> {
  const ends: (() => unknown)[] = [];
  try {
    return await work((end) => ends.push(end));
  } finally {
    for (const end of ends.reverse()) await Promise.resolve(end()).catch(() => undefined);
  }
}
