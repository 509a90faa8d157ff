const units = [
  ['d', 86_400, 48 * 3_600],
  ['h', 3_600, 120 * 60],
  ['m', 60, 120],
] as const;

/** How long: `45s`, `5m`, `3h`, `12d`; the unit changes at two of the next. */
export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  for (const [unit, size, from] of units) if (seconds >= from) return `${Math.floor(seconds / size)}${unit}`;
  return `${seconds}s`;
}

/** How long ago; empty where there is no time. */
export function age(time: string | undefined, now: Date): string {
  if (time === undefined) return '';
  const at = Date.parse(time);
  return Number.isNaN(at) ? '' : durationText(now.getTime() - at);
}

/** `5m ago`; `never` where there is no time. */
export function ago(time: string | undefined, now: Date): string {
  return time === undefined ? 'never' : `${age(time, now)} ago`;
}

const parts: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of `90s`, `5m`, `1h30m`, `90d`; undefined for what is no duration. */
export function parseDuration(text: string): number | undefined {
  const found = [...text.matchAll(/(\d{1,9})(ms|s|m|h|d)/g)];
  if (found.length === 0 || found.map(([all]) => all).join('') !== text) return undefined;
  return found.reduce((sum, [, count, unit]) => sum + Number(count) * (parts[unit ?? ''] ?? 0), 0);
}
