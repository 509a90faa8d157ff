type Bytes = readonly number[];

interface Range {
  prefix: Bytes;
  bits: number;
  what: string;
}

const metadata = 'the metadata service of a cloud';

const ipv4Ranges: readonly Range[] = [
  { prefix: [169, 254, 0, 0], bits: 16, what: 'link-local, where clouds serve metadata and credentials' },
  { prefix: [100, 100, 100, 200], bits: 32, what: metadata },
  { prefix: [168, 63, 129, 16], bits: 32, what: metadata },
  { prefix: [0, 0, 0, 0], bits: 8, what: 'no address of a server' },
  { prefix: [224, 0, 0, 0], bits: 3, what: 'multicast or reserved' },
];

const ipv6Ranges: readonly Range[] = [
  { prefix: [0xfe, 0x80], bits: 10, what: 'link-local' },
  { prefix: [0xff], bits: 8, what: 'multicast' },
  { prefix: [0xfd, 0x00, 0x0e, 0xc2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54], bits: 128, what: metadata },
  { prefix: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], bits: 128, what: 'no address of a server' },
];

/** IPv6 prefixes of 96 bits whose last 32 are an IPv4 address that is really reached. */
const embedding: readonly Bytes[] = [
  [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff],
  [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  [0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0],
];

/**
 * Why a hub must not connect to this IP address, whoever asks it to; undefined where it may, and for what is no IP address.
 * Loopback and private addresses are allowed: clusters are there.
 * @param host as `URL.hostname` or a resolver has it
 */
export function refusedAddress(host: string): string | undefined {
  const bytes = ipv4(host) ?? ipv6(host);
  if (bytes === undefined) return undefined;
  if (bytes.length === 4) return within(bytes, ipv4Ranges);
  const found = within(bytes, ipv6Ranges);
  if (found !== undefined) return found;
  const isLoopback = bytes.every((byte, index) => byte === (index === 15 ? 1 : 0));
  const embeds = embedding.some((prefix) => prefix.every((byte, index) => bytes[index] === byte));
  return embeds && !isLoopback ? within(bytes.slice(12), ipv4Ranges) : undefined;
}

/** Whether it is this very machine, as seen by whoever connects. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, '');
  if (name === 'localhost' || name.endsWith('.localhost')) return true;
  const bytes = ipv4(host) ?? ipv6(host);
  if (bytes === undefined) return false;
  if (bytes.length === 4) return bytes[0] === 127;
  return bytes.every((byte, index) => byte === (index === 15 ? 1 : 0));
}

function within(bytes: Bytes, ranges: readonly Range[]): string | undefined {
  return ranges.find(({ prefix, bits }) => matches(bytes, prefix, bits))?.what;
}

function matches(bytes: Bytes, prefix: Bytes, bits: number): boolean {
  for (let index = 0; index * 8 < bits; index += 1) {
    const mask = 0xff & (0xff00 >> Math.min(8, bits - index * 8));
    if (((bytes[index] ?? 0) & mask) !== ((prefix[index] ?? 0) & mask)) return false;
  }
  return true;
}

function ipv4(host: string): Bytes | undefined {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(host)) return undefined;
  const bytes = host.split('.').map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes : undefined;
}

function ipv6(host: string): Bytes | undefined {
  const text = host.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  if (!text.includes(':')) return undefined;
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const last = tail?.[2] === undefined ? undefined : ipv4(tail[2]);
  if (tail !== null && last === undefined) return undefined;
  const words = last === undefined ? text : `${tail?.[1]}${hexWord(last, 0)}:${hexWord(last, 2)}`;
  const halves = words.split('::');
  if (halves.length > 2) return undefined;
  const [left, right] = [wordsOf(halves[0]), wordsOf(halves[1])];
  const missing = halves.length === 2 ? 8 - left.length - right.length : 0;
  if (missing < 0) return undefined;
  const all = [...left, ...Array<string>(missing).fill('0'), ...right];
  if (all.length !== 8 || !all.every((word) => /^[0-9a-f]{1,4}$/i.test(word))) return undefined;
  return all.flatMap((word) => [parseInt(word, 16) >> 8, parseInt(word, 16) & 0xff]);
}

function wordsOf(half: string | undefined): string[] {
  return half === undefined || half === '' ? [] : half.split(':');
}

function hexWord(bytes: Bytes, at: number): string {
  return (((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)).toString(16);
}
