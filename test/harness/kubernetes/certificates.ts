import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { bits, der, integer, objectId, octets, sequence, time, truth } from './der';

const validMs = 30 * 24 * 3_600_000;
const ecdsaWithSha256 = sequence(objectId('1.2.840.10045.4.3.2'));

export interface Issued {
  certificatePem: string;
  privateKeyPem: string;
}

export interface Authority extends Issued {
  issue(subject: Subject, use: 'server' | 'client', addresses?: readonly string[]): Issued;
}

export interface Subject {
  commonName: string;
  organization?: string;
}

/**
 * A certificate authority for one test cluster. Made here, since certificates are then there at once and on every
 * machine: ECDSA P-256, a month long, trusted by nobody but who is given its certificate.
 */
export function newAuthority(commonName: string): Authority {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = { commonName };
  const usage = critical('2.5.29.15', der(0x03, Buffer.from([2, 0b0000_0100]))); // keyCertSign
  const own = certificate(name, keys.privateKey, name, keys.publicKey, [
    critical('2.5.29.19', sequence(truth())),
    usage,
  ]);
  return {
    certificatePem: own,
    privateKeyPem: privatePem(keys.privateKey),
    issue(subject, use, addresses = []) {
      const leaf = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const purpose = objectId(use === 'server' ? '1.3.6.1.5.5.7.3.1' : '1.3.6.1.5.5.7.3.2');
      const extensions = [extension('2.5.29.37', sequence(purpose))];
      if (addresses.length > 0) extensions.push(extension('2.5.29.17', sequence(...addresses.map(alternativeName))));
      return {
        certificatePem: certificate(name, keys.privateKey, subject, leaf.publicKey, extensions),
        privateKeyPem: privatePem(leaf.privateKey),
      };
    },
  };
}

/** A key pair that an API server signs service account tokens with. */
export function newSigningKey(): { publicKeyPem: string; privateKeyPem: string } {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const publicKeyPem = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString();
  return { publicKeyPem, privateKeyPem: privatePem(privateKey) };
}

function certificate(
  issuer: Subject,
  signer: KeyObject,
  subject: Subject,
  key: KeyObject,
  extensions: Buffer[],
): string {
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40; // positive, and no leading zero
  const now = Date.now();
  const body = sequence(
    der(0xa0, integer(Buffer.from([2]))), // version 3
    integer(serial),
    ecdsaWithSha256,
    distinguishedName(issuer),
    sequence(time(new Date(now - 3_600_000)), time(new Date(now + validMs))),
    distinguishedName(subject),
    key.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  );
  const signed = sequence(body, ecdsaWithSha256, bits(sign('sha256', body, signer)));
  const lines = signed.toString('base64').replace(/.{64}/g, '$&\n').trimEnd();
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

function distinguishedName({ commonName, organization }: Subject): Buffer {
  const attribute = (id: string, value: string) => der(0x31, sequence(objectId(id), der(0x0c, value)));
  const names = [attribute('2.5.4.3', commonName)];
  if (organization !== undefined) names.unshift(attribute('2.5.4.10', organization));
  return sequence(...names);
}

const extension = (id: string, value: Buffer): Buffer => sequence(objectId(id), octets(value));
const critical = (id: string, value: Buffer): Buffer => sequence(objectId(id), truth(), octets(value));

const alternativeName = (address: string): Buffer =>
  /^[\d.]+$/.test(address) ? der(0x87, Buffer.from(address.split('.').map(Number))) : der(0x82, address);

const privatePem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();
