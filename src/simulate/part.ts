import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import { WeaklySharedNodes } from '#src/agent/sync/shared-nodes';
import { silentLogger } from '#src/log/logger';
import { hubApi } from './api';
import { simulatedClusters } from './clusters';
import { countsOf, type FleetCounts } from './counts';
import { HubAccess } from './gateway';
import { IdentityFolder } from './identity-folder';
import { Member } from './member';
import type { FleetSettings } from './options';
import { type Admission, admit, batchSize } from './registration';
import { SharedProducers } from './shared-producer';

/** Agents do not come up in step, however fast the hub admits them. */
const startJitterMs = 200;
/** An agent that the hub does not answer leaves its place to others after this; it goes on trying. */
const answerWithinMs = 20_000;
const graceMs = 1_000;
const longMs = 900_000;

/** Which clusters of the fleet: from one, counted from 0, up to, not including, another. */
export interface PartRange {
  from: number;
  to: number;
}

/** Part of a fleet, as it runs in one process. */
export interface FleetPart {
  counts(): Promise<FleetCounts>;
  /** How many agents hold a root of at least this generation. */
  holding(generation: number): Promise<number>;
  stop(): Promise<void>;
}

/** The part that this process runs. It is whole when `start` has resolved. */
export class LocalPart implements FleetPart {
  private readonly members: Member[];
  private readonly access: HubAccess;
  private readonly producers: SharedProducers;
  private readonly stopping = new AbortController();
  private readonly urls: string[];

  private constructor(
    private readonly settings: FleetSettings,
    range: PartRange,
    private readonly identities: IdentityFolder,
  ) {
    const { hub, heartbeatSeconds, comparisonSeconds, prefix } = settings;
    this.urls = settings.agentUrls.length > 0 ? settings.agentUrls : [hub.url];
    this.access = new HubAccess(hub.ca, {
      fullComparisonSeconds: comparisonSeconds,
      ...(heartbeatSeconds === undefined ? {} : { heartbeatSeconds }),
    });
    this.producers = new SharedProducers(`flotilla-simulation-${prefix}-${range.from}`, silentLogger);
    const { badImage } = settings;
    const context = {
      behaviour: { ...settings, badImage: badImage === undefined ? undefined : new RegExp(badImage) },
      agent: {
        gatewayTo: this.access.to,
        openProducer: this.producers.open,
        sharedNodes: new WeaklySharedNodes(),
        // Nobody but the agents changes these clusters: what is well is not looked at often.
        timing: { pollMs: settings.pollMs, healthMs: longMs, snapshotMs: longMs },
      },
      onJoined: identities.add.bind(identities),
    };
    this.members = simulatedClusters(settings, range.from, range.to).map((cluster) => new Member(cluster, context));
  }

  static async open(settings: FleetSettings, range: PartRange): Promise<LocalPart> {
    const { dataFolder, prefix } = settings;
    return new LocalPart(settings, range, await IdentityFolder.open(dataFolder, prefix, range.from, range.to));
  }

  /** Registers what is missing and starts all agents. Resolves when each was heard by the hub once, or has failed. */
  async start(): Promise<void> {
    const { hub, startConcurrency, processes } = this.settings;
    const api = hubApi(hub);
    const limit = pLimit(Math.max(1, Math.ceil(startConcurrency / processes)));
    const starts: Promise<void>[] = [];
    try {
      for (let first = 0; first < this.members.length && !this.stopping.signal.aborted; first += batchSize) {
        const batch = this.members.slice(first, first + batchSize);
        const admissions = await admit(
          api,
          batch.map(({ cluster }) => cluster),
          (name) => this.identities.get(name),
        );
        starts.push(...batch.map((member, index) => limit(() => this.startOne(member, admissions[index]!))));
      }
      await Promise.all(starts);
      await this.identities.flush();
    } finally {
      await api.close();
    }
  }

  async counts(): Promise<FleetCounts> {
    return countsOf(this.members, this.access.requests);
  }

  async holding(generation: number): Promise<number> {
    return this.members.filter((member) => member.generation >= generation).length;
  }

  /** Clusters stay registered. */
  async stop(): Promise<void> {
    this.stopping.abort();
    const stopped = Promise.allSettled(this.members.map((member) => member.stop()));
    // Requests that a busy hub has not answered by then are cut off.
    await Promise.race([stopped, sleep(graceMs)]);
    await Promise.allSettled([this.producers.close(), this.access.close(), this.identities.flush()]);
    await stopped;
  }

  private async startOne(member: Member, admission: Admission): Promise<void> {
    const { signal } = this.stopping;
    await sleep(startJitterMs * Math.random());
    if (signal.aborted) return;
    if ('refusal' in admission) return member.fail(admission.refusal);
    const url = this.urls[member.cluster.index % this.urls.length]!;
    await Promise.race([member.start(admission, url), sleep(answerWithinMs, undefined, { ref: false })]);
  }
}
