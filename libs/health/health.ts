/** Worst last: `unknown` is not good, and worse than being on the way. */
export const healthStatuses = ['healthy', 'progressing', 'unknown', 'degraded'] as const;
export type HealthStatus = (typeof healthStatuses)[number];

export interface Health {
  status: HealthStatus;
  /** One word in CamelCase, of Kubernetes where it has one: `ProgressDeadlineExceeded`. */
  reason: string;
  /** For people: what it waits for, or what is wrong with it. At most 800 characters. */
  message: string;
}

/** Leaves room for the object's name within the 1,000 characters of a report's message. */
const maxMessageLength = 800;

export function healthy(message: string, reason = 'Current'): Health {
  return health('healthy', reason, message);
}

export function progressing(reason: string, message: string): Health {
  return health('progressing', reason, message);
}

export function degraded(reason: string, message: string): Health {
  return health('degraded', reason, message);
}

export function unknown(reason: string, message: string): Health {
  return health('unknown', reason, message);
}

function health(status: HealthStatus, reason: string, message: string): Health {
  return { status, reason: clip(reason, 200), message: clip(message, maxMessageLength) };
}

export function clip(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 1)}…`;
}
