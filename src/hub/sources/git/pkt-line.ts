/** Git's pkt-line framing: four hexadecimal digits of length, then that many bytes less four. */

export const flushPkt = Buffer.from('0000');
export const delimiterPkt = Buffer.from('0001');
const maxPktBytes = 65520;

export function pkt(line: string): Buffer {
  const data = Buffer.from(line);
  return Buffer.concat([Buffer.from((data.length + 4).toString(16).padStart(4, '0')), data]);
}

export type Pkt = { kind: 'data'; data: Buffer } | { kind: 'flush' } | { kind: 'delimiter' } | { kind: 'end' };

export class MalformedPkt extends Error {}

/** Reads packets out of chunks of any size; rejects with `MalformedPkt` on bad framing or a cut stream. */
export class PktReader {
  private readonly chunks: AsyncIterator<Uint8Array>;
  private buffer: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.chunks = source[Symbol.asyncIterator]();
  }

  async next(): Promise<Pkt> {
    if (!(await this.fill(4))) {
      if (this.buffer.length === 0) return { kind: 'end' };
      throw new MalformedPkt('the answer was cut short');
    }
    const digits = this.take(4).toString('latin1');
    if (!/^[0-9a-f]{4}$/i.test(digits)) throw new MalformedPkt('the answer is not in the Git protocol');
    const length = parseInt(digits, 16);
    if (length === 0) return { kind: 'flush' };
    if (length === 1 || length === 2) return { kind: 'delimiter' };
    if (length < 4 || length > maxPktBytes) throw new MalformedPkt('the answer is not in the Git protocol');
    if (!(await this.fill(length - 4))) throw new MalformedPkt('the answer was cut short');
    return { kind: 'data', data: this.take(length - 4) };
  }

  /** The next packet as text without its line feed; undefined for any that is no data. */
  async line(): Promise<{ text?: string; kind: Pkt['kind'] }> {
    const next = await this.next();
    return next.kind === 'data'
      ? { kind: 'data', text: next.data.toString('utf8').replace(/\n$/, '') }
      : { kind: next.kind };
  }

  private async fill(count: number): Promise<boolean> {
    while (this.buffer.length < count) {
      const next = await this.chunks.next();
      if (next.done === true) return false;
      this.buffer = this.buffer.length === 0 ? Buffer.from(next.value) : Buffer.concat([this.buffer, next.value]);
    }
    return true;
  }

  private take(count: number): Buffer {
    const taken = this.buffer.subarray(0, count);
    this.buffer = this.buffer.subarray(count);
    return taken;
  }
}
