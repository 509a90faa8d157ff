import type { OpenAPIObject } from '@nestjs/swagger';
import { docsPage } from './docs-page';
import { offlineOpenApiDocument } from './offline';

interface Operation {
  operationId?: string;
  summary?: string;
  tags?: string[];
  security?: unknown[];
  requestBody?: { content: Record<string, { schema: Record<string, unknown> }> };
  responses: Record<string, { content?: Record<string, { schema: Record<string, unknown> }> }>;
}

describe('the style of the API', () => {
  let document: OpenAPIObject;
  let operations: { address: string; operation: Operation }[];

  beforeAll(async () => {
    document = await offlineOpenApiDocument();
    operations = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item as Record<string, Operation>).map(([method, operation]) => ({
        address: `${method.toUpperCase()} ${path}`,
        operation,
      })),
    );
  });

  const failing = (rule: (operation: Operation, address: string) => boolean) =>
    operations.filter(({ operation, address }) => !rule(operation, address)).map(({ address }) => address);

  it('gives every operation an id of its own, a summary and one tag', () => {
    expect(failing(({ operationId }) => /^[a-z]+[A-Za-z]+$/.test(operationId ?? ''))).toEqual([]);
    expect(failing(({ summary }) => (summary ?? '').length > 8 && !summary?.endsWith('.'))).toEqual([]);
    expect(failing(({ tags }) => tags?.length === 1)).toEqual([]);
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('answers every refusal with a problem', () => {
    const isProblem = (response: Operation['responses'][string]) =>
      response.content?.['application/problem+json']?.schema['$ref'] === '#/components/schemas/Problem';
    expect(
      failing(({ responses }) =>
        Object.entries(responses).every(([status, response]) => Number(status) < 400 || isProblem(response)),
      ),
    ).toEqual([]);
    expect(failing(({ responses }) => '500' in responses && '503' in responses)).toEqual([]);
    expect(
      failing(({ security, responses }) => security === undefined || ('401' in responses && '403' in responses)),
    ).toEqual([]);
    expect(failing(({ responses }, address) => !address.includes('{') || '404' in responses)).toEqual([]);
  });

  it('takes and gives named schemas', () => {
    const named = (content: Record<string, { schema: Record<string, unknown> }> | undefined) =>
      Object.entries(content ?? {}).every(
        ([type, { schema }]) => !type.includes('json') || typeof schema['$ref'] === 'string',
      );
    expect(failing(({ requestBody }) => named(requestBody?.content))).toEqual([]);
    expect(failing(({ responses }) => Object.values(responses).every(({ content }) => named(content)))).toEqual([]);
    const text = JSON.stringify(document);
    for (const [, name] of text.matchAll(/#\/components\/schemas\/(\w+)/g)) {
      expect(document.components?.schemas).toHaveProperty(name ?? '');
    }
  });

  it('has its successes said', () => {
    const succeeds = ({ responses }: Operation) => Object.keys(responses).some((status) => /^2/.test(status));
    expect(failing(succeeds)).toEqual([]);
  });

  it('is a page that needs nothing from elsewhere', () => {
    const html = docsPage(document);
    for (const { operation } of operations) expect(html).toContain(`id="${operation.operationId}"`);
    expect(html).not.toMatch(/<script|src=|href="https?:/);
  });
});
