import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import type { Digest } from '#libs/protocol/digest';
import { bundleDelta } from '#libs/protocol/delta';
import { encodeJoinToken, joinClaimSchema } from '#libs/protocol/join';
import {
  keyDigest,
  keyIdOf,
  type KeySet,
  publicKeyText,
  signingKeyText,
  signText,
  verifyText,
} from '#libs/protocol/keys';
import type { BundleNode } from '#libs/protocol/nodes';
import { type Heartbeat, type Report, reportSchema, type TargetReport } from '#libs/protocol/report';
import type { Root } from '#libs/protocol/root';
import { type RotateAnswer, rotateClaimSchema, type RotateRequest } from '#libs/protocol/rotate';
import { ephemeralText, openHeartbeat, sessionKey, sessionRequestSchema } from '#libs/protocol/session';
import { openSigned, type Signed, signValue } from '#libs/protocol/signed';
import type { Hold, OpenedSession, PostedRecords, SyncAnswer, SyncRequest } from '#libs/protocol/sync';
import { type HubClient, HubError, type HubGateway, type JoinRequest } from '../hub/port';
import { FakeTree, type FakeScopes } from './fake-tree';

const dayMs = 86_400_000;

/** A hub in memory, with true keys and signatures, that does as a test tells it. */
export class FakeHub {
  readonly id = randomUUID();
  readonly cluster = randomUUID();
  readonly secret = Buffer.alloc(32, 7).toString('base64url');
  readonly rootKey = generateKeyPairSync('ed25519').privateKey;
  signingKey = generateKeyPairSync('ed25519').privateKey;
  signingKeys = [this.signingKey];
  readonly joins: { publicKey: string; clusterUid: string }[] = [];
  readonly sessions: number[] = [];
  readonly reports: Report[] = [];
  readonly heartbeats: Heartbeat[] = [];
  readonly syncs: SyncRequest[] = [];
  readonly answers: SyncAnswer[] = [];
  fetched: string[] = [];
  settings: OpenedSession['settings'] = { heartbeatSeconds: 60, fullComparisonSeconds: 3_600, log: { kind: 'hub' } };
  /** Thrown by every call while it is set. */
  failure: HubError | undefined;
  /** Thrown by `post` alone. */
  postFailure: HubError | undefined;
  /** Changes an answer on its way. */
  tamper: (answer: SyncAnswer) => SyncAnswer = (answer) => answer;
  hold: Hold = { version: 0, cluster: false, applications: [] };
  root: Root | undefined;
  /** Of the cluster's own scope. */
  serviceAccount: string | null = null;
  private signed: Signed | undefined;
  private tree = new FakeTree();
  private agentKey = '';
  /** Next keys that were told, in order. */
  readonly agentKeys: string[] = [];
  /** While it is set, the hub takes a next key and its answer is lost. */
  loseRotation = false;
  private sessionKeys = new Map<number, Buffer>();
  private wakers = new Set<() => void>();

  get joinToken(): string {
    return encodeJoinToken({
      cluster: this.cluster,
      secret: this.secret,
      rootKey: keyDigest(publicKeyText(this.rootKey)),
    });
  }

  gateway = (): HubGateway => ({
    join: (request) => this.join(request),
    as: () => this.client(),
    close: async () => undefined,
  });

  /** Puts a desired state in force, one generation up. */
  release(scopes: FakeScopes, change: Partial<Root> = {}): Root {
    const tree = this.tree.build(scopes, this.serviceAccount);
    const root: Root = {
      format: 1,
      hub: this.id,
      audience: this.cluster,
      epoch: this.root?.epoch ?? 1,
      generation: (this.root?.generation ?? 0) + 1,
      issuedAt: new Date().toISOString(),
      expiresAt: new Date(Date.now() + dayMs).toISOString(),
      scopes: tree,
      ...change,
    };
    this.serve(root);
    return root;
  }

  /** Serves a root as it is. */
  serve(root: Root, key: KeyObject = this.signingKey): void {
    this.root = root;
    this.signed = signValue('flotilla.dev/root/v1', root, key);
    this.wake();
  }

  halt(hold: Omit<Hold, 'version'>): void {
    this.hold = { version: this.hold.version + 1, ...hold };
    this.wake();
  }

  fail(error: HubError | undefined): void {
    this.failure = error;
    this.wake();
  }

  digestOf(application: string): Digest | null | undefined {
    return this.tree.bundleOf(application);
  }

  /** The newest word on an application. */
  said(application: string): TargetReport | undefined {
    return this.reports.flatMap(({ targets }) => targets).findLast((target) => target.application === application);
  }

  keySet(): KeySet {
    const signing = this.signingKeys.map((key, index) => {
      const publicKey = publicKeyText(key);
      const version = index + 1;
      const text = signingKeyText(publicKey, version);
      return { publicKey, version, signature: signText('flotilla.dev/signing-key/v1', text, this.rootKey) };
    });
    return { root: publicKeyText(this.rootKey), signing };
  }

  private async join(request: JoinRequest) {
    this.check();
    if (request.secret !== this.secret) throw new HubError('protocol', 'the token is not known');
    const claimed = joinClaimSchema.parse(JSON.parse(request.claim.payload));
    const opened = openSigned('flotilla.dev/join/v1', request.claim, claimed.publicKey, joinClaimSchema);
    if (!opened.ok) throw new HubError('protocol', opened.message);
    if (this.agentKey !== '' && this.agentKey !== claimed.publicKey) throw new HubError('protocol', 'another key');
    this.agentKey = claimed.publicKey;
    this.joins.push(claimed);
    this.check();
    return { hub: this.id, cluster: this.cluster, name: 'kiel', region: 'north', keys: this.keySet() };
  }

  private client(): HubClient {
    return {
      openSession: async (request) => this.openSession(request),
      rotateKey: async (request) => this.rotateKey(request),
      prove: async () => this.check(),
      sync: (request, signal) => this.sync(request, signal),
      node: async (digest) => {
        this.check();
        this.fetched.push(digest);
        return structuredClone(this.tree.node(digest));
      },
      post: async (records) => this.post(records),
    };
  }

  private rotateKey({ claim, proof }: RotateRequest): RotateAnswer {
    this.check();
    const opened = openSigned('flotilla.dev/rotate/v1', claim, this.keyFor(claim), rotateClaimSchema);
    if (!opened.ok) throw new HubError('protocol', opened.message);
    const { publicKey } = opened.value;
    if (!verifyText('flotilla.dev/rotate-proof/v1', claim.payload, proof, publicKey)) {
      throw new HubError('protocol', 'the proof does not fit');
    }
    this.agentKeys.push(publicKey);
    if (this.loseRotation) throw new HubError('unreachable', 'the answer was lost');
    return { keyId: keyIdOf(publicKey) };
  }

  /** The next key is in force as soon as it is used. */
  private keyFor({ keyId }: Signed): string {
    const next = this.agentKeys.at(-1);
    if (next !== undefined && keyIdOf(next) === keyId) this.agentKey = next;
    return this.agentKey;
  }

  private openSession(signed: Signed): OpenedSession {
    this.check();
    const opened = openSigned('flotilla.dev/session/v1', signed, this.keyFor(signed), sessionRequestSchema);
    if (!opened.ok) throw new HubError('protocol', opened.message);
    const { session, ephemeral, cluster } = opened.value;
    if (session < Math.max(0, ...this.sessions)) throw new HubError('superseded', 'an older session');
    this.sessions.push(session);
    const { privateKey } = generateKeyPairSync('x25519');
    this.sessionKeys.set(session, sessionKey(privateKey, ephemeral, cluster, session));
    const answer = { cluster, session, ephemeral: ephemeralText(privateKey), to: ephemeral };
    const signedAnswer = signValue('flotilla.dev/session-answer/v1', answer, this.signingKeys[0]!);
    return { answer: signedAnswer, keys: this.keySet(), settings: this.settings };
  }

  private async sync(request: SyncRequest, signal?: AbortSignal): Promise<SyncAnswer> {
    this.syncs.push(request);
    const untilMs = Date.now() + request.waitMs;
    for (;;) {
      this.check();
      const { have } = request;
      const isNew =
        this.root !== undefined && (have.epoch !== this.root.epoch || have.generation !== this.root.generation);
      if (isNew || have.hold !== this.hold.version || Date.now() >= untilMs) {
        const answer = this.tamper(this.answer(request, isNew));
        this.answers.push(answer);
        return answer;
      }
      if (signal?.aborted !== true) await this.woken(untilMs, signal);
      if (signal?.aborted === true) throw new HubError('unreachable', 'given up');
    }
  }

  private answer(request: SyncRequest, isNew: boolean): SyncAnswer {
    const answer: SyncAnswer = { hold: this.hold, nodes: {}, bundles: [], partial: false, traces: {} };
    if (!isNew) return answer;
    const held = this.tree.below(Object.values(request.have.scopes));
    const wanted = this.tree.below(Object.values(this.root!.scopes));
    for (const digest of wanted) {
      if (held.has(digest)) continue;
      const node = this.tree.node(digest);
      const base = node.kind === 'bundle' ? this.baseFor(digest, held) : undefined;
      if (base === undefined) answer.nodes[digest] = structuredClone(node);
      else answer.bundles.push(bundleDelta(base, { digest, node: node as BundleNode }));
    }
    return { ...answer, root: this.signed };
  }

  private baseFor(digest: Digest, held: ReadonlySet<Digest>): { digest: Digest; node: BundleNode } | undefined {
    const application = this.tree.applicationOf(digest);
    for (const candidate of held) {
      const node = this.tree.node(candidate);
      if (node.kind === 'bundle' && this.tree.applicationOf(candidate) === application)
        return { digest: candidate, node };
    }
    return undefined;
  }

  private post(records: PostedRecords): void {
    this.check();
    if (this.postFailure !== undefined) throw this.postFailure;
    for (const signed of records.reports) {
      const opened = openSigned('flotilla.dev/report/v1', signed, this.keyFor(signed), reportSchema);
      if (!opened.ok) throw new HubError('protocol', opened.message, { status: 400 });
      this.reports.push(opened.value);
    }
    for (const sealed of records.heartbeats) {
      const { session } = JSON.parse(sealed.payload) as { session: number };
      const opened = openHeartbeat(sealed, this.sessionKeys.get(session)!);
      if (!opened.ok) throw new HubError('protocol', opened.message, { status: 400 });
      this.heartbeats.push(opened.value);
    }
  }

  private check(): void {
    if (this.failure !== undefined) throw this.failure;
  }

  private wake(): void {
    for (const waker of [...this.wakers]) waker();
  }

  private woken(untilMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.wakers.delete(done);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, Math.max(1, untilMs - Date.now()));
      this.wakers.add(done);
      signal?.addEventListener('abort', done, { once: true });
    });
  }
}
