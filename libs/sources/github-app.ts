/** GitHub Apps: what is asserted to get a token of an installation, and what the answer means. */
import { z } from 'zod';

export const githubApi = 'https://api.github.com';
/** GitHub takes ten minutes at most, and clocks differ. */
const assertionSeconds = 540;
const clockSkewSeconds = 60;
/** A token is renewed when it has less than this left: longer than a fetch may take. */
const renewBeforeMs = 10 * 60_000;
const maxLifeMs = 60 * 60_000;

/** Claims of the RS256 assertion by which an App proves itself. */
export function appClaims(appId: string, now: Date): { iss: string; iat: number; exp: number } {
  const seconds = Math.floor(now.getTime() / 1000);
  return { iss: appId, iat: seconds - clockSkewSeconds, exp: seconds + assertionSeconds };
}

/** What is asked for: the App may be allowed more, and this token is not. */
export const tokenRequest = { permissions: { contents: 'read', metadata: 'read' } } as const;

export interface InstallationToken {
  token: string;
  /** When to get another: before it expires, and never after an hour, whatever the answer says. */
  renewAt: Date;
}

const answerSchema = z.object({
  token: z
    .string()
    .min(1)
    .max(4096)
    .regex(/^[\x21-\x7e]+$/),
  expires_at: z.iso.datetime({ offset: true }),
});

/** Undefined: it is no answer of GitHub. */
export function readTokenAnswer(json: unknown, now: Date): InstallationToken | undefined {
  const parsed = answerSchema.safeParse(json);
  if (!parsed.success) return undefined;
  const expiresAt = Math.min(new Date(parsed.data.expires_at).getTime(), now.getTime() + maxLifeMs);
  return { token: parsed.data.token, renewAt: new Date(expiresAt - renewBeforeMs) };
}
