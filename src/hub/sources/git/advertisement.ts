/** What a server says first: its protocol, and with the older one all its refs. */
import type { GitRef } from '#libs/sources/revision';
import { GitFailure } from './failure';
import { MalformedPkt, PktReader } from './pkt-line';
import { maxRefs } from './transport';

export type Advertisement =
  /** `filters`: it can leave contents out. */
  { version: 2; filters: boolean } | { version: 1; refs: GitRef[]; capabilities: Set<string> };

const oidPattern = /^[0-9a-f]{40}$/;

export async function readAdvertisement(body: AsyncIterable<Uint8Array>, host: string): Promise<Advertisement> {
  const reader = new PktReader(body);
  let line = await reader.line();
  if (line.text?.startsWith('# service=') === true) line = await reader.line();
  while (line.kind === 'flush') line = await reader.line();
  if (line.text === 'version 2') {
    const capabilities = await restOf(reader);
    refuseOtherHashes(capabilities, host);
    const fetch = capabilities.find((line) => line.startsWith('fetch='))?.slice('fetch='.length) ?? '';
    return { version: 2, filters: fetch.split(' ').includes('filter') };
  }
  if (line.text === 'version 1') line = await reader.line();
  if (line.text === undefined) return { version: 1, refs: [], capabilities: new Set() };
  const [first, capabilities] = line.text.split('\0');
  refuseErrors(first!, host);
  const words = (capabilities ?? '').split(' ');
  refuseOtherHashes(words, host);
  const refs = new RefList();
  refs.add(first!);
  for (const text of await restOf(reader)) refs.add(text);
  return { version: 1, refs: refs.all(), capabilities: new Set(words) };
}

/** The answer to `ls-refs` of protocol 2. */
export async function readRefList(body: AsyncIterable<Uint8Array>, host: string): Promise<GitRef[]> {
  const refs = new RefList();
  for (const text of await restOf(new PktReader(body))) {
    refuseErrors(text, host);
    refs.add(text);
  }
  return refs.all();
}

/** A line is `<oid> <name>`, then attributes; `<name>^{}` is the older form of the attribute `peeled`. */
export class RefList {
  private readonly refs = new Map<string, GitRef>();

  add(line: string): void {
    const [oid, name, ...attributes] = line.split(/[ \t]/);
    if (oid === undefined || name === undefined || !oidPattern.test(oid) || name === 'capabilities^{}') return;
    if (name.endsWith('^{}')) {
      const tag = this.refs.get(name.slice(0, -3));
      if (tag !== undefined) tag.peeled = oid;
      return;
    }
    if (this.refs.size >= maxRefs) {
      throw new GitFailure('tooLarge', `the repository has more than ${maxRefs} refs`, 'delete refs that nobody needs');
    }
    const peeled = attributes.find((attribute) => attribute.startsWith('peeled:'))?.slice('peeled:'.length);
    this.refs.set(name, peeled === undefined || !oidPattern.test(peeled) ? { name, oid } : { name, oid, peeled });
  }

  all(): GitRef[] {
    return [...this.refs.values()];
  }
}

async function restOf(reader: PktReader): Promise<string[]> {
  const lines: string[] = [];
  for (;;) {
    const { kind, text } = await reader.line();
    if (kind === 'flush') return lines;
    if (kind === 'end') throw new MalformedPkt('the answer was cut short');
    if (text !== undefined) lines.push(text);
  }
}

function refuseErrors(line: string, host: string): void {
  if (!line.startsWith('ERR ')) return;
  throw new GitFailure('notFound', `${host} says: ${line.slice(4)}`, 'check the address and the credentials');
}

function refuseOtherHashes(capabilities: string[], host: string): void {
  if (!capabilities.includes('object-format=sha256')) return;
  throw new GitFailure('invalid', `the repository at ${host} uses SHA-256`, 'use a repository with SHA-1 object ids');
}
