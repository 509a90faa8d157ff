/** Kafka's own constants, so that a key has the same partition in Kafka and in the embedded log. */
const SEED = 0x9747b28c;
const M = 0x5bd1e995;

/** Murmur2 with 32 bits, as Kafka's clients use it; a signed integer. */
export function murmur2(data: Buffer): number {
  const length = data.length;
  const wholeWords = length & ~3;
  let h = SEED ^ length;
  for (let i = 0; i < wholeWords; i += 4) {
    let k = Math.imul(data.readInt32LE(i), M);
    k = Math.imul(k ^ (k >>> 24), M);
    h = Math.imul(h, M) ^ k;
  }
  if (length > wholeWords) {
    for (let i = length - 1; i >= wholeWords; i--) h ^= data[i]! << ((i - wholeWords) * 8);
    h = Math.imul(h, M);
  }
  h = Math.imul(h ^ (h >>> 13), M);
  return h ^ (h >>> 15);
}

/** The partition of a key among `partitions`. */
export function partitionOf(key: string, partitions: number): number {
  return (murmur2(Buffer.from(key)) & 0x7fffffff) % partitions;
}
