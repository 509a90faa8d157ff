/**
 * Following a revision over the network. A first fetch and each further one bring the one commit alone (depth 1): what is
 * deployed needs no history. Only to tell whether `lastCommit` is an ancestor is history brought, 32 generations, then
 * 1,000; with the usual push the parents of the new commit answer that already.
 */
import { refPrefixesOf, resolveRevision } from '#libs/sources/revision';
import { type RepositoryCache, writeLast } from './cache';
import { GitFailure, LargePack, NotServed, UnreadableRepository } from './failure';
import { ancestryOf } from './history';
import { type LargeRepositories, missingObjects } from './large';
import type { CommitSummary } from './object-stores';
import type { ObjectReader } from './objects';
import type { FetchOutcome, FetchRequest, SourceLocation } from './port';
import type { Transport, Want } from './transport';
import { defaultTreeLimits, findTree, listFiles } from './tree';

const deepening = [32, 1000];
const allRefs = ['refs/heads/', 'refs/tags/'];
const maxWants = 10_000;
/** Asked for in one request. */
const maxContents = 5_000;

export interface RemoteRepository {
  transport: Transport;
  cache: RepositoryCache;
  reader: ObjectReader;
  large: LargeRepositories;
  location: SourceLocation;
}

export async function fetchRemote(remote: RemoteRepository, request: FetchRequest): Promise<FetchOutcome> {
  try {
    return await attempt(remote, request);
  } catch (error) {
    // The branch moved between the listing and the download: the second look settles it.
    if (!(error instanceof NotServed) || 'commit' in request.revision) throw error;
    return attempt(remote, request);
  }
}

async function attempt(remote: RemoteRepository, request: FetchRequest): Promise<FetchOutcome> {
  const { revision, lastCommit } = request;
  const refs = 'commit' in revision ? [] : await remote.transport.listRefs(refPrefixesOf(revision));
  const resolved = resolveRevision(revision, refs);
  if (!resolved.ok) throw new GitFailure('revisionNotFound', resolved.message, resolved.remedy);
  const { name, ref } = resolved;
  if (resolved.commit === lastCommit) return { kind: 'unchanged', commit: lastCommit, name };
  const summary =
    ref === undefined
      ? await bringCommit(remote, resolved.commit)
      : await bring(remote, resolved.commit, [{ oid: ref.oid, ref: ref.name }], 1);
  if (summary.commit === lastCommit) return { kind: 'unchanged', commit: lastCommit, name };
  const { commit, committedAt, author, subject } = summary;
  const rewritten = await isRewritten(remote, request, name, summary);
  return { kind: 'fetched', commit, name, committedAt, author, subject, rewritten };
}

/** A commit by its id alone. Servers that hand out only what refs point at are asked for all branches and tags. */
export async function bringCommit(remote: RemoteRepository, commit: string): Promise<CommitSummary> {
  try {
    return await bring(remote, commit, [{ oid: commit }], 1);
  } catch (error) {
    if (!(error instanceof NotServed)) throw error;
  }
  const refs = await remote.transport.listRefs(allRefs);
  if (refs.length === 0 || refs.length > maxWants) throw new NotServed();
  const wants = refs.map(({ oid, name }) => ({ oid, ref: name }));
  return bring(remote, commit, wants, Infinity);
}

async function bring(remote: RemoteRepository, oid: string, wants: Want[], depth: number): Promise<CommitSummary> {
  const { cache, reader, location } = remote;
  let gitdir = await cache.open(location);
  const known = await reader.commit(gitdir, oid);
  if (known !== undefined) return complete(reader, gitdir, known);
  if (await cache.isCluttered(gitdir, await remote.large.isLarge(gitdir))) {
    await cache.drop(location);
    gitdir = await cache.open(location);
  }
  await download(remote, gitdir, wants, depth);
  reader.refresh(gitdir);
  const summary = await reader.commit(gitdir, oid);
  if (summary === undefined) throw new NotServed();
  await complete(reader, gitdir, summary);
  await writeLast(gitdir, summary.commit);
  return summary;
}

/** A pack that turns out to be large is begun again in the large way, and that way is kept. */
async function download(remote: RemoteRepository, gitdir: string, wants: Want[], depth: number): Promise<void> {
  const { transport, large } = remote;
  if (await large.isLarge(gitdir)) return transport.download({ gitdir, wants, depth, large: true });
  try {
    await transport.download({ gitdir, wants, depth });
  } catch (error) {
    if (!(error instanceof LargePack)) throw error;
    await large.mark(gitdir);
    await transport.download({ gitdir, wants, depth, large: true });
  }
}

/** Brings what a large repository left out, as far as it is below the path. What is wrong with the path says `readTree`. */
export async function bringContents(remote: RemoteRepository, commit: string, path: string): Promise<void> {
  const { cache, reader, location, transport, large } = remote;
  const gitdir = await cache.open(location);
  if (!(await large.isLarge(gitdir))) return;
  const found = await findTree(reader, gitdir, { ...location, commit, path });
  if (!found.ok) return;
  const listed = await listFiles(reader, gitdir, found.treeId, defaultTreeLimits);
  if (!listed.ok) return;
  const missing = await missingObjects(gitdir, [...new Set(listed.entries.map(({ oid }) => oid))]);
  for (let at = 0; at < missing.length; at += maxContents) {
    const wants = missing.slice(at, at + maxContents).map((oid) => ({ oid }));
    await transport.download({ gitdir, wants, depth: 0, large: true });
  }
  reader.refresh(gitdir);
}

async function complete(reader: ObjectReader, gitdir: string, summary: CommitSummary): Promise<CommitSummary> {
  await reader.tree(gitdir, summary.treeId);
  return summary;
}

async function isRewritten(
  remote: RemoteRepository,
  request: FetchRequest,
  name: string,
  summary: CommitSummary,
): Promise<boolean> {
  const { revision, lastCommit, lastName } = request;
  if (lastCommit === undefined || 'commit' in revision) return false;
  if (!('branch' in revision)) return lastName === name;
  if (lastName !== undefined && lastName !== name) return false;
  const gitdir = await remote.cache.open(remote.location);
  const wants = [{ oid: summary.commit, ref: `refs/heads/${revision.branch}` }];
  for (const depth of [0, ...deepening]) {
    try {
      if (depth > 0) await download(remote, gitdir, wants, depth);
    } catch (error) {
      // The commit itself is here; that its history is too large or too slow to read is no reason to refuse it.
      if (error instanceof UnreadableRepository) throw error;
      return true;
    }
    remote.reader.refresh(gitdir);
    const ancestry = await ancestryOf(remote.reader, gitdir, lastCommit, summary);
    if (ancestry !== 'unknown') return ancestry === 'notAncestor';
  }
  return true;
}
