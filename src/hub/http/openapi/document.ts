import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { problemKinds, problemSchema } from '../problem';
import { convertSchema } from './convert';

type Responses = Record<string, { description?: string; content?: unknown }>;
interface OperationObject {
  responses: Responses;
  parameters?: { name: string; in: string }[];
  requestBody?: { content: Record<string, unknown> };
  security?: unknown[];
}

const methods = ['get', 'put', 'post', 'patch', 'delete'] as const;
/** Of the kinds that share a status, the first is the general one. */
const byStatus = new Map<number, string>(
  Object.values(problemKinds)
    .map(({ status, title }): [number, string] => [status, title])
    .reverse(),
);

/** The API as the code has it. The same for every hub: no address, no configuration. */
export function openApiDocument(app: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Flotilla')
    .setDescription('Keeps a fleet of Kubernetes clusters at the state that Git declares.')
    .setVersion('v1')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'an API token, `flt_…`' }, 'token')
    .build();
  const document = SwaggerModule.createDocument(app, config, { standardSchemaConverter: convertSchema });
  const problem = convertSchema(problemSchema, { schemaType: 'output' });
  document.components = { ...document.components };
  document.components.schemas = sorted({ ...document.components.schemas, ...(problem?.components as object) });
  document.paths = sorted(document.paths);
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of methods) {
      const operation = item[method] as unknown as OperationObject | undefined;
      if (operation !== undefined) finish(path, method, operation);
    }
  }
  // Decorators leave things behind that JSON has no form for.
  return JSON.parse(withShortNames(JSON.stringify(document), document.components.schemas)) as OpenAPIObject;
}

/** `<id>Input` is only needed where there is an `<id>` too. */
function withShortNames(text: string, schemas: object): string {
  const names = Object.keys(schemas);
  const short = names.filter((name) => name.endsWith('Input') && !names.includes(name.slice(0, -'Input'.length)));
  return short.reduce(
    (so, name) =>
      so
        .replaceAll(`"#/components/schemas/${name}"`, `"#/components/schemas/${name.slice(0, -'Input'.length)}"`)
        .replaceAll(`"${name}":`, `"${name.slice(0, -'Input'.length)}":`),
    text,
  );
}

function finish(path: string, method: string, operation: OperationObject): void {
  const isPublic = operation.security === undefined;
  const common = [
    ...((operation.parameters?.length ?? 0) > 0 || operation.requestBody !== undefined ? [400] : []),
    ...(isPublic ? [] : [401, 403]),
    ...(path.includes('{') ? [404] : []),
    ...(operation.parameters?.some(({ name }) => name === 'If-Match') ? [412] : []),
    ...(isPublic ? [] : [429]),
    500,
    503,
  ];
  for (const status of common) operation.responses[status] ??= {};
  for (const [status, response] of Object.entries(operation.responses)) {
    if (Number(status) < 400) continue;
    response.description = byStatus.get(Number(status)) ?? response.description;
    if (response.content === undefined) {
      response.content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
    }
  }
  const body = operation.requestBody;
  if (method === 'patch' && body?.content['application/json'] !== undefined) {
    body.content['application/merge-patch+json'] = body.content['application/json'];
  }
}

function sorted<T extends object>(record: T): T {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1))) as T;
}
