import { authorizationHeader, gitCredentials, redactSecrets } from './credentials';

describe('credentials', () => {
  it('become the header that forges take', () => {
    expect(authorizationHeader({ kind: 'token', token: 't' })).toBe(`Basic ${btoa('x-access-token:t')}`);
    expect(authorizationHeader({ kind: 'token', token: 't', username: 'oauth2' })).toBe(`Basic ${btoa('oauth2:t')}`);
    expect(authorizationHeader({ kind: 'basic', username: 'u', password: 'p' })).toBe(`Basic ${btoa('u:p')}`);
    expect(authorizationHeader({ kind: 'bearer', token: 't' })).toBe('Bearer t');
    expect(authorizationHeader({ kind: 'ssh', privateKey: 'k' })).toBeUndefined();
  });

  it('cannot break out of a header', () => {
    expect(gitCredentials.safeParse({ kind: 'bearer', token: 'a\r\nX: b' }).success).toBe(false);
    expect(gitCredentials.safeParse({ kind: 'basic', username: 'a:b', password: 'p' }).success).toBe(false);
  });

  it('are not repeated, in whatever form', () => {
    const credentials = { kind: 'token', token: 's3cret/+' } as const;
    const header = authorizationHeader(credentials);
    expect(redactSecrets(`bad s3cret/+ ${header} s3cret%2F%2B`, credentials)).toBe('bad *** Basic *** ***');
  });
});
