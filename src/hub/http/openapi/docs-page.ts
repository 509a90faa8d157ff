import type { OpenAPIObject } from '@nestjs/swagger';

interface Shown {
  operationId?: string;
  summary?: string;
  description?: string;
  tags?: string[];
  parameters?: { name: string; in: string; required?: boolean; description?: string }[];
  requestBody?: unknown;
  responses: Record<string, { description?: string }>;
}

const style = `
  body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: #1c2733; }
  h2 { border-bottom: 1px solid #d5dce4; margin-top: 2.5rem; } details { margin: .4rem 0; }
  summary { cursor: pointer; } code, pre { font: 13px/1.45 ui-monospace, monospace; background: #f3f6f9; }
  pre { padding: .8rem; overflow: auto; } .method { display: inline-block; width: 4.5rem; font-weight: 600; color: #0b63c4; }
  table { border-collapse: collapse; } td, th { text-align: left; padding: .15rem 1rem .15rem 0; vertical-align: top; }
  @media (prefers-color-scheme: dark) { body { background: #10161d; color: #dce4ec; } code, pre { background: #1b242e; } .method { color: #6db3ff; } }`;

/** The API as one page of HTML, without scripts and with nothing from elsewhere. */
export function docsPage(document: OpenAPIObject): string {
  const byTag = new Map<string, string[]>();
  for (const [path, item] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(item as Record<string, Shown>)) {
      const tag = operation.tags?.[0] ?? 'Other';
      byTag.set(tag, [...(byTag.get(tag) ?? []), operationSection(method, path, operation)]);
    }
  }
  const tags = [...byTag.keys()].sort();
  const schemas = Object.entries(document.components?.schemas ?? {});
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Flotilla API</title><style>${style}</style></head><body>
<h1>Flotilla API</h1>
<p>${escape(document.info.description ?? '')} The same as <a href="/api/v1/openapi.json">OpenAPI</a>.</p>
<p>Send <code>Authorization: Bearer flt_…</code>. Errors are <code>application/problem+json</code>. Lists are pages:
<code>{ items, nextCursor? }</code>. Changes take <code>If-Match</code>, creations <code>Idempotency-Key</code>.</p>
<nav>${tags.map((tag) => `<a href="#${anchor(tag)}">${escape(tag)}</a>`).join(' · ')} · <a href="#schemas">Schemas</a></nav>
${tags.map((tag) => `<h2 id="${anchor(tag)}">${escape(tag)}</h2>\n${(byTag.get(tag) ?? []).join('\n')}`).join('\n')}
<h2 id="schemas">Schemas</h2>
${schemas.map(([name, schema]) => `<details id="schema-${name}"><summary><code>${name}</code></summary>${json(schema)}</details>`).join('\n')}
</body></html>
`;
}

function operationSection(method: string, path: string, operation: Shown): string {
  const parameters = (operation.parameters ?? []).map(
    ({ name, in: where, required, description }) =>
      `<tr><td><code>${escape(name)}</code></td><td>${where}${required === true ? ', required' : ''}</td><td>${escape(description ?? '')}</td></tr>`,
  );
  const answers = Object.entries(operation.responses).map(
    ([status, { description }]) => `<tr><td>${status}</td><td>${escape(description ?? '')}</td></tr>`,
  );
  return `<details id="${escape(operation.operationId ?? '')}"><summary><span class="method">${method.toUpperCase()}</span>
<code>${escape(path)}</code> ${escape(operation.summary ?? '')}</summary>
${operation.description === undefined ? '' : `<p>${escape(operation.description)}</p>`}
${parameters.length === 0 ? '' : `<table>${parameters.join('')}</table>`}
${operation.requestBody === undefined ? '' : `<p>Body</p>${json(operation.requestBody)}`}
<table>${answers.join('')}</table></details>`;
}

function json(value: unknown): string {
  const text = escape(JSON.stringify(value, null, 2));
  return `<pre>${text.replace(/#\/components\/schemas\/(\w+)/g, '<a href="#schema-$1">$1</a>')}</pre>`;
}

function anchor(tag: string): string {
  return `tag-${tag.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
