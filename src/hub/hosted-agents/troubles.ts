import { redactText } from '#src/hub/http/redaction';

const maxLength = 500;

/** What is wrong with a hosted agent, by who says it; told when it changes, one write after the other. */
export class Troubles {
  private readonly current = new Map<string, string>();
  private told: string | null | undefined;
  private telling: Promise<void> = Promise.resolve();

  /** @param tell null: nothing is wrong; what it throws is for its own log */
  constructor(private readonly tell: (message: string | null) => Promise<void>) {}

  set(who: 'agent' | 'cluster' | 'credential', message: string | undefined): void {
    if (message === undefined) this.current.delete(who);
    else this.current.set(who, redactText(message).slice(0, maxLength));
    this.telling = this.telling.then(() => this.catchUp());
  }

  /** What was told is told again, since somebody has wiped it. */
  retell(): void {
    this.telling = this.telling.then(() => {
      this.told = undefined;
      return this.catchUp();
    });
  }

  /** Everything was told. */
  settled(): Promise<void> {
    return this.telling;
  }

  private async catchUp(): Promise<void> {
    const message = [...new Set(this.current.values())].join('; ') || null;
    if (message === this.told) return;
    this.told = message;
    await this.tell(message).catch(() => {
      this.told = undefined;
    });
  }
}
