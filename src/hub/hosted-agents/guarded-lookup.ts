import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { refusedAddress } from '#libs/kubeconfig/address';

/**
 * The system's resolver, without addresses that a hub does not connect to for anybody: a name in a kubeconfig may lead
 * anywhere, and elsewhere at the next connection.
 */
export const guardedLookup: LookupFunction = (hostname, options, callback) => {
  systemLookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    if (error !== null) return callback(error, '', 0);
    const allowed = addresses.filter(({ address }) => refusedAddress(address) === undefined);
    const first = allowed[0];
    if (first === undefined) return callback(refusal(hostname), '', 0);
    // With `all`, the caller tries one after the other.
    if (options.all === true) return callback(null, allowed);
    return callback(null, first.address, first.family);
  });
};

function refusal(hostname: string): NodeJS.ErrnoException {
  const message = `${hostname} leads to an address that the hub does not connect to`;
  return Object.assign(new Error(message), { code: 'EADDRNOTALLOWED' });
}
