import { parseCommit, parseTree } from './raw-objects';

const oid = (digit: string): string => digit.repeat(40);
const entry = (mode: string, name: string, id: string): Buffer =>
  Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(id, 'hex')]);

describe('a tree', () => {
  it('holds files, folders, links and submodules', () => {
    const bytes = Buffer.concat([
      entry('100644', 'ä b.yaml', oid('1')),
      entry('40000', 'apps', oid('2')),
      entry('120000', 'link', oid('0')),
      entry('160000', 'sub', oid('4')),
    ]);
    expect(parseTree(bytes)).toEqual([
      { mode: '100644', path: 'ä b.yaml', oid: oid('1'), type: 'blob' },
      { mode: '040000', path: 'apps', oid: oid('2'), type: 'tree' },
      { mode: '120000', path: 'link', oid: oid('0'), type: 'blob' },
      { mode: '160000', path: 'sub', oid: oid('4'), type: 'commit' },
    ]);
    expect(parseTree(Buffer.alloc(0))).toEqual([]);
    expect(() => parseTree(bytes.subarray(0, -1))).toThrow('cut short');
  });
});

describe('a commit', () => {
  it('names its tree, parents, time and author', () => {
    const text = [
      `tree ${oid('a')}`,
      `parent ${oid('b')}`,
      `parent ${oid('c')}`,
      'author Ada Fleet <ada@example.com> 1700000000 +0100',
      'committer GitHub <noreply@example.com> 1700000001 -0130',
      'gpgsig -----BEGIN PGP SIGNATURE-----',
      ' tree of lies',
      '',
      'Subject\n\nBody',
    ].join('\n');
    expect(parseCommit(Buffer.from(text))).toEqual({
      treeId: oid('a'),
      parents: [oid('b'), oid('c')],
      committedAt: 1_700_000_001,
      author: 'Ada Fleet',
      message: 'Subject\n\nBody',
    });
    expect(() => parseCommit(Buffer.from('object x'))).toThrow('no tree');
  });
});
