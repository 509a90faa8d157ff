import { proxySettings, type ProxyWish } from '#libs/net/proxy';
import { Outgoing } from './outgoing';

export interface OutgoingWish extends ProxyWish {
  /** PEM file, trusted beside the public authorities. */
  extraCaFile?: string;
}

export type OutgoingOutcome = { ok: true; outgoing: Outgoing } | { ok: false; message: string };

/** What was said, and where nothing was, the variables of proxies that every program knows. */
export function outgoingOf(
  wish: OutgoingWish,
  env: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string,
): OutgoingOutcome {
  const proxies = proxySettings(wish, env);
  if (!proxies.ok) return proxies;
  const { extraCaFile } = wish;
  if (extraCaFile === undefined) return { ok: true, outgoing: new Outgoing({ proxies: proxies.settings }) };
  let extraCa: string;
  try {
    extraCa = readFile(extraCaFile);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'not readable';
    return { ok: false, message: `the extra authorities: ${extraCaFile} cannot be read (${reason})` };
  }
  if (!extraCa.includes('-----BEGIN CERTIFICATE-----')) {
    return { ok: false, message: `the extra authorities: ${extraCaFile} holds no certificate in PEM` };
  }
  return { ok: true, outgoing: new Outgoing({ proxies: proxies.settings, extraCa }) };
}
