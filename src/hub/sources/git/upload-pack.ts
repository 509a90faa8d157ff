/** A request for objects and its answer, in both protocols that servers speak. */
import type { Advertisement } from './advertisement';
import { GitFailure, NotServed } from './failure';
import { delimiterPkt, flushPkt, MalformedPkt, pkt, PktReader } from './pkt-line';
import { infiniteDepth, type Want } from './transport';

export interface PackRequest {
  wants: Want[];
  /** Commits that are there with everything they need. */
  haves: string[];
  /** Commits whose parents are not there. */
  shallow: string[];
  /** 0: as it is, for objects that have no history. */
  depth: number;
  /** Leave the contents of files out, but for those wanted by name; where the server can. */
  withoutContents?: boolean;
}

export interface PackAnswer {
  shallow: string[];
  unshallow: string[];
  pack: AsyncIterable<Buffer>;
}

/** One round is enough: the commit fetched last is the only one that is worth offering. */
export function packRequest(server: Advertisement, request: PackRequest): Buffer {
  const depth = request.depth === Infinity ? infiniteDepth : request.depth;
  const wants = request.wants.map(({ oid }) => `want ${oid}`);
  const shallow = request.shallow.map((oid) => `shallow ${oid}`);
  const haves = request.haves.map((oid) => `have ${oid}\n`);
  if (server.version === 2) {
    const filter = request.withoutContents === true && server.filters ? ['filter blob:none'] : [];
    const border = depth === 0 ? [] : [...shallow, `deepen ${depth}`];
    const lines = ['no-progress', 'ofs-delta', ...wants, ...border, ...filter].map((line) => pkt(`${line}\n`));
    const end = [...haves.map(pkt), pkt('done\n'), flushPkt];
    return Buffer.concat([pkt('command=fetch\n'), pkt('agent=git/flotilla\n'), delimiterPkt, ...lines, ...end]);
  }
  const supported = ['side-band-64k', 'ofs-delta', 'no-progress'].filter((name) => server.capabilities.has(name));
  const deepen = depth > 0 && server.capabilities.has('shallow') ? [...shallow, `deepen ${depth}`] : [];
  const [first, ...others] = wants;
  const lines = [`${first} ${supported.join(' ')}`, ...others, ...deepen].map((line) => pkt(`${line}\n`));
  return Buffer.concat([...lines, flushPkt, ...haves.map(pkt), pkt('done\n')]);
}

/** Reads up to where the pack begins. `NotServed` when the server keeps a wanted commit back. */
export async function readPackAnswer(body: AsyncIterable<Uint8Array>): Promise<PackAnswer> {
  const reader = new PktReader(body);
  const shallow: string[] = [];
  const unshallow: string[] = [];
  for (;;) {
    const { kind, text } = await reader.line();
    if (kind === 'end') throw new MalformedPkt('the answer holds no pack');
    if (text === undefined || text === 'shallow-info') continue;
    if (text === 'packfile' || text === 'NAK' || text.startsWith('ACK ')) break;
    const [word, oid] = text.split(' ');
    if (word === 'shallow' && oid !== undefined) shallow.push(oid);
    else if (word === 'unshallow' && oid !== undefined) unshallow.push(oid);
    else throw refusal(text);
  }
  return { shallow, unshallow, pack: sideband(reader) };
}

async function* sideband(reader: PktReader): AsyncGenerator<Buffer> {
  for (;;) {
    const next = await reader.next();
    if (next.kind === 'flush') return;
    if (next.kind === 'end') throw new MalformedPkt('the pack was cut short');
    if (next.kind !== 'data') continue;
    const band = next.data[0];
    if (band === 1) yield next.data.subarray(1);
    else if (band === 3) throw refusal(next.data.subarray(1).toString('utf8').trim());
    else if (band !== 2) throw new MalformedPkt('the server does not speak side-band-64k');
  }
}

function refusal(text: string): Error {
  if (/not our ref|not valid|unadvertised|not found|no such|unknown object/i.test(text)) return new NotServed();
  const message = `the server says: ${text.replace(/^ERR /, '').slice(0, 200)}`;
  return new GitFailure('invalid', message, 'look into the log of the Git server');
}
