import { createPrivateKey, X509Certificate } from 'node:crypto';
import { newAuthority } from './certificates';

describe('certificates of test clusters', () => {
  const authority = newAuthority('test-ca');
  const ca = new X509Certificate(authority.certificatePem);

  it('has an authority that signs itself', () => {
    expect(ca.ca).toBe(true);
    expect(ca.subject).toBe('CN=test-ca');
    expect(ca.verify(ca.publicKey)).toBe(true);
    expect(ca.checkPrivateKey(createPrivateKey(authority.privateKeyPem))).toBe(true);
  });

  it('issues server certificates for names and addresses', () => {
    const issued = authority.issue({ commonName: 'api' }, 'server', ['127.0.0.1', 'localhost']);
    const server = new X509Certificate(issued.certificatePem);
    expect(server.checkIssued(ca)).toBe(true);
    expect(server.verify(ca.publicKey)).toBe(true);
    expect(server.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(server.checkHost('localhost')).toBe('localhost');
    expect(server.checkHost('elsewhere')).toBeUndefined();
    expect(server.checkPrivateKey(createPrivateKey(issued.privateKeyPem))).toBe(true);
    expect(new Date(server.validTo).getTime()).toBeGreaterThan(Date.now() + 24 * 3_600_000);
  });

  it('issues client certificates with the group as organization', () => {
    const issued = authority.issue({ commonName: 'admin', organization: 'system:masters' }, 'client');
    expect(new X509Certificate(issued.certificatePem).subject).toBe('O=system:masters\nCN=admin');
  });
});
