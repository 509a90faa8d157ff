import { loadHubConfig } from './load';
import { configVariables } from './variables';

const key = Buffer.alloc(32, 7).toString('base64');
const least = {
  FLOTILLA_DATABASE_URL: 'postgres://flotilla:s3cret@db/flotilla',
  FLOTILLA_DATA_FOLDER: '/var/lib/flotilla',
  FLOTILLA_ENCRYPTION_KEY: key,
};
const noFile = (path: string): string => {
  throw Object.assign(new Error(`no ${path}`), { code: 'ENOENT' });
};
const files = (contents: Record<string, string>) => (path: string) => contents[path] ?? noFile(path);

function errorsOf(env: Record<string, string>, readFile = noFile): string[] {
  const loaded = loadHubConfig(env, readFile);
  return loaded.ok ? [] : loaded.errors;
}

describe('the configuration of a hub', () => {
  it('has a variable for each leaf', () => {
    const names = configVariables.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(['FLOTILLA_HTTP_PUBLIC_URL', 'FLOTILLA_LOG_KIND', 'FLOTILLA_LOG_SASL_PASSWORD']),
    );
    expect(names).toContain('FLOTILLA_AGENTS_JOIN_TOKEN_MINUTES');
    expect(new Set(names).size).toBe(names.length);
    expect(configVariables.filter(({ secret }) => secret).map(({ name }) => name)).toEqual([
      'FLOTILLA_DATABASE_URL',
      'FLOTILLA_ENCRYPTION_KEY',
      'FLOTILLA_LOG_SASL_PASSWORD',
      'FLOTILLA_OUTGOING_PROXY',
    ]);
  });

  it('needs only a database, a folder and a key', () => {
    const loaded = loadHubConfig(least, noFile);
    if (!loaded.ok) throw new Error(loaded.errors.join());
    expect(loaded.config.http).toEqual({ host: '127.0.0.1', port: 8420 });
    expect(loaded.config.log).toEqual({ kind: 'embedded' });
  });

  it('takes the file first, and variables over it', () => {
    const file = 'http: { port: 9000, host: 0.0.0.0 }\nagents: { heartbeatSeconds: 5 }\n';
    const env = { ...least, FLOTILLA_CONFIG: '/etc/hub.yaml', FLOTILLA_HTTP_PORT: '9001' };
    const loaded = loadHubConfig(env, files({ '/etc/hub.yaml': file }));
    if (!loaded.ok) throw new Error(loaded.errors.join());
    expect(loaded.config.http).toEqual({ host: '0.0.0.0', port: 9001 });
    expect(loaded.config.agents.heartbeatSeconds).toBe(5);
  });

  it('splits lists by comma, and reads booleans', () => {
    const env = {
      ...least,
      FLOTILLA_LOG_KIND: 'kafka',
      FLOTILLA_LOG_BROKERS: 'a:9092, b:9092',
      FLOTILLA_LOG_SSL: 'true',
      FLOTILLA_SOURCES_ALLOW_LOCAL_PATHS: 'no',
    };
    const loaded = loadHubConfig(env, noFile);
    if (!loaded.ok) throw new Error(loaded.errors.join());
    expect(loaded.config.log).toEqual({ kind: 'kafka', brokers: ['a:9092', 'b:9092'], ssl: true });
    expect(loaded.config.sources.allowLocalPaths).toBe(false);
  });

  it('reads secrets from files', () => {
    const { FLOTILLA_ENCRYPTION_KEY: _, ...rest } = least;
    const env = { ...rest, FLOTILLA_ENCRYPTION_KEY_FILE: '/run/secrets/key' };
    expect(loadHubConfig(env, files({ '/run/secrets/key': `${key}\n` })).ok).toBe(true);
    expect(errorsOf(env)).toContainEqual(
      expect.stringContaining('FLOTILLA_ENCRYPTION_KEY_FILE: /run/secrets/key cannot be read'),
    );
    expect(errorsOf({ ...env, FLOTILLA_ENCRYPTION_KEY: key }, files({ '/run/secrets/key': key }))).toContainEqual(
      expect.stringContaining('both set'),
    );
  });

  it('says all that is wrong at once, by field and variable, and shows no secret', () => {
    const errors = errorsOf({
      FLOTILLA_DATABASE_URL: 'mysql://root:hunter2@db',
      FLOTILLA_ENCRYPTION_KEY: 'dG9vIHNob3J0',
      FLOTILLA_HTTP_PORT: 'eighty',
    });
    expect(errors).toHaveLength(4);
    const text = errors.join('\n');
    expect(text).toContain('database.url (FLOTILLA_DATABASE_URL or FLOTILLA_DATABASE_URL_FILE): a postgres:// URL');
    expect(text).toContain('dataFolder (FLOTILLA_DATA_FOLDER): is missing');
    expect(text).toContain('openssl rand -base64 32');
    expect(text).toContain('http.port (FLOTILLA_HTTP_PORT)');
    expect(text).not.toMatch(/hunter2|dG9v/);
  });

  it('knows what was meant by a name that it does not know', () => {
    expect(errorsOf({ ...least, FLOTILLA_HTTP_PROT: '80' })).toEqual([
      'FLOTILLA_HTTP_PROT: the hub knows no such variable; did you mean "FLOTILLA_HTTP_PORT"?',
    ]);
    const env = { ...least, FLOTILLA_CONFIG: 'hub.yaml' };
    expect(errorsOf(env, files({ 'hub.yaml': 'http: { prot: 80 }' }))[0]).toMatch(
      /http\.prot: .*did you mean "port"\?/,
    );
  });

  it('leaves alone what Kubernetes sets beside a Service', () => {
    const links = {
      FLOTILLA_HUB_SERVICE_HOST: '10.0.0.1',
      FLOTILLA_HUB_SERVICE_PORT_HTTP: '8420',
      FLOTILLA_HUB_PORT: 'tcp://10.0.0.1:8420',
      FLOTILLA_HUB_PORT_8420_TCP_ADDR: '10.0.0.1',
    };
    expect(errorsOf({ ...least, ...links })).toEqual([]);
  });

  it('does not quote a file that it cannot read', () => {
    const errors = errorsOf({ ...least, FLOTILLA_CONFIG: 'hub.yaml' }, files({ 'hub.yaml': 'password: [s3cret' }));
    expect(errors[0]).toContain('FLOTILLA_CONFIG: hub.yaml cannot be read');
    expect(errors.join()).not.toContain('s3cret');
  });
});
