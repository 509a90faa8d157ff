import type { Io, Output } from '../io';

const codes = { red: 31, green: 32, yellow: 33, dim: 2, bold: 1 } as const;
export type Colour = keyof typeof codes;

export type Paint = (text: string, colour: Colour | undefined) => string;

/** Colours on a terminal, unless NO_COLOR says otherwise (https://no-color.org). */
export function painter(output: Output, env: Io['env']): Paint {
  const { NO_COLOR, TERM } = env;
  if (!output.isTTY || (NO_COLOR !== undefined && NO_COLOR !== '') || TERM === 'dumb') return (text) => text;
  return (text, colour) => (colour === undefined || text === '' ? text : `\u001b[${codes[colour]}m${text}\u001b[0m`);
}

const ofStates: Record<string, Colour> = {
  online: 'green',
  inSync: 'green',
  ready: 'green',
  active: 'green',
  ok: 'green',
  pending: 'dim',
  progressing: 'yellow',
  drifted: 'yellow',
  expired: 'yellow',
  failed: 'red',
  failing: 'red',
  unknown: 'red',
  revoked: 'red',
  refused: 'red',
};

/** Of a word such as `online` or `failed`; what follows a comma does not matter. */
export function stateColour(state: string): Colour | undefined {
  return ofStates[state.split(',')[0] ?? ''];
}
