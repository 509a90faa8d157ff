import { Client } from 'pg';

/** Hears which clusters the hub announces new roots of, as its replicas do. */
export class Announcements {
  private readonly heard = new Set<string>();
  private waiting: { count: number; done: (at: number) => void } | undefined;

  private constructor(private readonly client: Client) {}

  static async listen(databaseUrl: string): Promise<Announcements> {
    const client = new Client({ connectionString: databaseUrl });
    await client.connect();
    const announcements = new Announcements(client);
    client.on('notification', ({ payload }) => announcements.hear(payload ?? ''));
    await client.query('LISTEN flotilla_root');
    return announcements;
  }

  /** Begins to count anew. @returns when so many distinct clusters were announced: milliseconds since 1970 */
  async of(count: number): Promise<number> {
    this.heard.clear();
    return await new Promise((done) => (this.waiting = { count, done }));
  }

  async close(): Promise<void> {
    await this.client.end();
  }

  private hear(payload: string): void {
    for (const id of payload.split(',')) this.heard.add(id);
    if (this.waiting === undefined || this.heard.size < this.waiting.count) return;
    this.waiting.done(Date.now());
    this.waiting = undefined;
  }
}
