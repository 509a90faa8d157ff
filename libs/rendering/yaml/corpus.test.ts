import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson } from '#libs/protocol/canonical';
import { RENDER_LIMITS } from '../limits';
import { parseFile } from './parse';

/**
 * What kubectl makes of each text: the answers of the decoder of k8s.io/apimachinery 0.36 (JSON text), null where it
 * fails. `flotilla` says where we part from it on purpose: `refused` what it would guess at, lose or round; `accepted`
 * what has one meaning only, though it fails there.
 */
interface Case {
  yaml: string;
  kubectl: string | null;
  flotilla?: 'refused' | 'accepted';
}

const corpus = join(__dirname, 'corpus');
const read = (name: string) => readFileSync(join(corpus, name), 'utf8');
const parse = (text: string) => parseFile({ path: 'a.yaml', content: Buffer.from(text) }, RENDER_LIMITS);
const values = (text: string) => parse(text).documents.map(({ value }) => value);

describe.each(['scalars', 'keys', 'documents'])('%s mean what they mean to kubectl', (name) => {
  const cases = JSON.parse(read(`${name}.json`)) as Case[];

  it.each(cases.map((row) => [JSON.stringify(row.yaml).slice(0, 80), row] as const))('%s', (_title, row) => {
    const { errors } = parse(row.yaml);
    const refused = row.flotilla === 'refused' || (row.kubectl === null && row.flotilla !== 'accepted');
    expect(errors.length > 0).toBe(refused);
    for (const error of errors) {
      expect(error).toMatchObject({ file: 'a.yaml', message: expect.any(String), remedy: expect.any(String) });
    }
    if (!refused && row.kubectl !== null) {
      expect(canonicalJson(values(row.yaml))).toBe(canonicalJson(JSON.parse(row.kubectl)));
    }
  });
});

it('reads manifests as people write them', () => {
  expect(parse(read('manifests.yaml')).errors).toEqual([]);
  expect(values(read('manifests.yaml'))).toEqual(JSON.parse(read('manifests.json')));
});

it('reads carriage returns as kubectl does', () => {
  expect(values(read('manifests.yaml').replaceAll('\n', '\r\n'))).toEqual(JSON.parse(read('manifests.json')));
});
