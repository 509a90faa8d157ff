import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/** Format of a sealed value: version (1 byte), nonce (12), tag (16), ciphertext. */
const version = 1;
const nonceBytes = 12;
const tagBytes = 16;

/**
 * Encryption at rest: AES-256-GCM under a key that is derived for each purpose, bound to the row that it belongs to, so
 * that a sealed value copied to another row does not open.
 */
export class Sealing {
  private readonly keys = new Map<string, Buffer>();

  /** @param masterKey 32 bytes */
  constructor(private readonly masterKey: Buffer) {}

  /**
   * @param purpose what kind of secret, for example `source-credentials`
   * @param owner the row that it belongs to, for example the source's id
   */
  seal(purpose: string, owner: string, secret: Buffer | string): Buffer {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv('aes-256-gcm', this.keyFor(purpose), nonce);
    cipher.setAAD(Buffer.from(owner));
    const sealed = Buffer.concat([cipher.update(secret as Buffer), cipher.final()]);
    return Buffer.concat([Buffer.from([version]), nonce, cipher.getAuthTag(), sealed]);
  }

  /** Throws when the key, the purpose or the owner is another, or a bit has changed. */
  open(purpose: string, owner: string, sealed: Buffer): Buffer {
    if (sealed[0] !== version) throw new Error(`sealed ${purpose} of ${owner} has an unknown format`);
    const nonce = sealed.subarray(1, 1 + nonceBytes);
    const decipher = createDecipheriv('aes-256-gcm', this.keyFor(purpose), nonce);
    decipher.setAAD(Buffer.from(owner));
    decipher.setAuthTag(sealed.subarray(1 + nonceBytes, 1 + nonceBytes + tagBytes));
    try {
      return Buffer.concat([decipher.update(sealed.subarray(1 + nonceBytes + tagBytes)), decipher.final()]);
    } catch {
      throw new Error(`cannot open the sealed ${purpose} of ${owner}: was the hub's encryption key changed?`);
    }
  }

  /** A keyed hash that only this hub can make: salts for guessable secrets. Base64url. */
  fingerprint(purpose: string, text: string): string {
    return Buffer.from(hkdfSync('sha256', this.keyFor(purpose), text, 'fingerprint', 16)).toString('base64url');
  }

  private keyFor(purpose: string): Buffer {
    const known = this.keys.get(purpose);
    if (known !== undefined) return known;
    const key = Buffer.from(hkdfSync('sha256', this.masterKey, '', `flotilla.dev/at-rest/${purpose}`, 32));
    this.keys.set(purpose, key);
    return key;
  }
}
