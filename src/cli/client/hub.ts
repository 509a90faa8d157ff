import type createClientFunction from 'openapi-fetch' with { 'resolution-mode': 'import' };
import type { Client } from 'openapi-fetch' with { 'resolution-mode': 'import' };
import type * as undiciModule from 'undici';
import type { Target } from '../connection';
import { CliError } from '../errors';
import type { Io } from '../io';
import type { paths } from './generated/api';
import { type Fetch, transport } from './transport';

export type Api = Client<paths>;

/** A hub, with the API as its OpenAPI document has it: `answered(hub.api.GET('/api/v1/clusters'))`. */
export interface Hub {
  url: string;
  context?: string;
  api: Api;
}

export function openHub(target: Target, io: Io): Hub {
  const createClient = openapiFetch();
  const api = createClient<paths>({
    baseUrl: target.url,
    fetch: transport(fetchFor(target, io), target.url, io),
    headers: { authorization: `Bearer ${target.token}`, 'user-agent': 'flotilla-cli' },
  });
  return { url: target.url, api, ...(target.context === undefined ? {} : { context: target.context }) };
}

/** Loaded when it is needed; its CommonJS form is not what its types say. */
function openapiFetch(): typeof createClientFunction {
  const loaded = require('openapi-fetch') as { default?: unknown };
  return (loaded.default ?? loaded) as typeof createClientFunction;
}

/** Certificates of one's own need a client that takes them; it is only loaded then. */
function fetchFor({ ca }: Target, io: Io): Fetch {
  if (ca === undefined) return (request) => io.fetch(request);
  if (!ca.includes('-----BEGIN CERTIFICATE-----'))
    throw CliError.failed('the CA certificates of this context are no PEM');
  const undici = require('undici') as typeof undiciModule;
  const dispatcher = new undici.Agent({ connect: { ca } });
  return async (request) => {
    const { method, headers, signal } = request;
    const body = request.body === null ? undefined : await request.text();
    const answer = await undici.fetch(request.url, { method, headers: [...headers], body, signal, dispatcher });
    return answer;
  };
}
