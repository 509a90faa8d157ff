/** From so many failures in a row on, calls are refused for a while. */
const tolerated = 4;
const basePauseMs = 1_000;
const maxPauseMs = 60_000;

/**
 * Keeps calls from a server that does not answer: after five failures in a row it is open for a pause that doubles up to a
 * minute, then lets one call through at a time, until one succeeds.
 */
export class Breaker {
  private inRow = 0;
  private openUntilMs = 0;
  private isProbing = false;

  constructor(
    private readonly monotonicMs: () => number,
    private readonly random: () => number,
  ) {}

  /** How long to wait before a call may be made; 0: now, and its outcome must be told. */
  admit(): number {
    if (this.inRow <= tolerated) return 0;
    const leftMs = this.openUntilMs - this.monotonicMs();
    if (leftMs > 0) return leftMs;
    if (this.isProbing) return basePauseMs;
    this.isProbing = true;
    return 0;
  }

  succeeded(): void {
    this.inRow = 0;
    this.isProbing = false;
  }

  failed(): void {
    this.inRow += 1;
    this.isProbing = false;
    const over = this.inRow - tolerated - 1;
    if (over < 0) return;
    const pauseMs = Math.min(maxPauseMs, basePauseMs * 2 ** Math.min(over, 10));
    // Half of it is left to chance, so that clusters behind one broken line are not tried at once.
    this.openUntilMs = this.monotonicMs() + pauseMs * (0.5 + this.random() / 2);
  }

  /** In a row, up to now. */
  get failures(): number {
    return this.inRow;
  }
}
