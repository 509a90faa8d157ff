import dns from 'node:dns';
import { guardedLookup } from './guarded-lookup';

type Answer = [error: NodeJS.ErrnoException | null, address: unknown];

describe('names in kubeconfigs', () => {
  const resolving = (...addresses: string[]) =>
    jest.spyOn(dns, 'lookup').mockImplementation(((
      _name: string,
      _options: unknown,
      callback: (error: null, addresses: dns.LookupAddress[]) => void,
    ) =>
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      )) as never);
  const lookUp = (all: boolean) =>
    new Promise<Answer>((resolve) =>
      guardedLookup('k8s.example.com', { all }, (error, address) => resolve([error, address])),
    );
  afterEach(() => jest.restoreAllMocks());

  it('lead where they lead', async () => {
    resolving('10.0.0.1', '127.0.0.1');
    expect(await lookUp(false)).toEqual([null, '10.0.0.1']);
    expect(await lookUp(true)).toEqual([null, [expect.objectContaining({ address: '10.0.0.1' }), expect.anything()]]);
  });

  it('do not lead to a metadata service', async () => {
    resolving('169.254.169.254', 'fe80::1');
    expect((await lookUp(true))[0]).toMatchObject({ code: 'EADDRNOTALLOWED' });
    resolving('169.254.169.254', '10.0.0.1');
    expect(await lookUp(false)).toEqual([null, '10.0.0.1']);
  });
});
