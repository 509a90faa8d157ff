import type { Logger } from '#src/log/logger';
import type { Output } from '../io';

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

/** A line of JSON for each message of this level or above. */
export function jsonLogger(output: Output, least: LogLevel, now: () => Date): Logger {
  const at = (level: LogLevel) => (fields: object, message: string) => {
    if (logLevels.indexOf(level) < logLevels.indexOf(least)) return;
    output.write(`${JSON.stringify({ level, time: now().toISOString(), ...fields, msg: message })}\n`);
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
