import { appendFile, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { groupBy } from '#libs/collections';
import { writeAtomically } from '#src/agent/files';
import { clustersPerBlock } from './clusters';
import { type KeptCluster, keptClusterSchema } from './identity';

const appendAfterMs = 500;

/**
 * Kept clusters as lines of JSON, one file for each block of clusters. A block belongs to one process, however many
 * there are. The private keys in it are readable by their owner only.
 */
export class IdentityFolder {
  private readonly kept = new Map<string, KeptCluster>();
  private waiting: KeptCluster[] = [];
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();

  private constructor(
    private readonly folder: string | undefined,
    private readonly prefix: string,
  ) {}

  /** @param folder undefined: nothing is kept. @param from and `to`: which clusters, in whole blocks */
  static async open(folder: string | undefined, prefix: string, from: number, to: number): Promise<IdentityFolder> {
    const opened = new IdentityFolder(folder, prefix);
    if (folder === undefined) return opened;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (let first = from; first < to; first += clustersPerBlock) await opened.read(opened.fileOf(first));
    return opened;
  }

  get(name: string): KeptCluster | undefined {
    return this.kept.get(name);
  }

  /** Written soon, together with others. */
  add(cluster: KeptCluster): void {
    this.kept.set(cluster.name, cluster);
    if (this.folder === undefined) return;
    this.waiting.push(cluster);
    this.timer ??= setTimeout(() => void this.flush(), appendAfterMs);
  }

  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const byFile = groupBy(this.waiting.splice(0), ({ index }) => this.fileOf(index));
    this.writing = this.writing.then(async () => {
      for (const [file, clusters] of byFile) {
        await appendFile(file, clusters.map(lineOf).join(''), { mode: 0o600 });
      }
    });
    await this.writing;
  }

  /** Lines that a crash cut short, and older ones of a cluster that has joined anew, are left out and go. */
  private async read(file: string): Promise<void> {
    const text = await readFile(file, 'utf8').catch(() => '');
    const lines = text.split('\n').filter((line) => line !== '');
    const found = new Map<string, KeptCluster>();
    for (const line of lines) {
      const cluster = clusterIn(line);
      if (cluster !== undefined) found.set(cluster.name, cluster);
    }
    for (const [name, cluster] of found) this.kept.set(name, cluster);
    if (found.size < lines.length) await writeAtomically(file, [...found.values()].map(lineOf).join(''));
  }

  private fileOf(index: number): string {
    return path.join(this.folder ?? '', `${this.prefix}-${Math.floor(index / clustersPerBlock)}.jsonl`);
  }
}

function lineOf(cluster: KeptCluster): string {
  return `${JSON.stringify(cluster)}\n`;
}

function clusterIn(line: string): KeptCluster | undefined {
  try {
    return keptClusterSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
