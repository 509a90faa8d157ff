import { isLoopback, refusedAddress } from './address';

describe('addresses that a hub is asked to connect to', () => {
  it.each([
    '169.254.169.254',
    '169.254.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '100.100.100.200',
    '168.63.129.16',
    '[fe80::1]',
    'fe80::1%eth0',
    'febf::1',
    'ff02::1',
    '::',
    '::ffff:169.254.169.254',
    '[::ffff:a9fe:a9fe]',
    '::169.254.169.254',
    '64:ff9b::a9fe:a9fe',
    'fd00:ec2::254',
  ])('are refused: %s', (host) => expect(refusedAddress(host)).toEqual(expect.any(String)));

  it.each(['127.0.0.1', '10.0.0.1', '192.168.49.2', '::1', '[::1]', '2001:db8::1', 'fd12::1', '::ffff:10.0.0.1'])(
    'are allowed: %s',
    (host) => expect(refusedAddress(host)).toBeUndefined(),
  );

  it.each(['k8s.example.com', '1.2.3', '999.1.1.1', ':::', '1:2', '1:2:3:4:5:6:7:8:9', ''])('are none: %j', (host) =>
    expect(refusedAddress(host)).toBeUndefined(),
  );

  it('may be of this machine', () => {
    for (const host of ['127.0.0.1', '127.1.2.3', 'localhost', 'api.localhost', '[::1]', '::1']) {
      expect([host, isLoopback(host)]).toEqual([host, true]);
    }
    for (const host of ['10.0.0.1', 'localhost.example.com', '::2'])
      expect([host, isLoopback(host)]).toEqual([host, false]);
  });
});
