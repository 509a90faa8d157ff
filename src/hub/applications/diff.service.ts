import { Injectable } from '@nestjs/common';
import { pairVariants } from '#libs/diff/variant-pairs';
import { canonicalJson } from '#libs/protocol/canonical';
import type { Digest } from '#libs/protocol/digest';
import { currentActor } from '#src/hub/http/context';
import { Problem } from '#src/hub/http/problem';
import type { LockedApplication } from './applications.repository';
import { Applications } from './applications.service';
import { BundleDiffs } from './bundle-diffs';
import { type BundlePair, DiffRepository } from './diff.repository';
import type { ApplicationDiff, DiffGroup, DiffQuery } from './diff.schema';

const maxPairs = 100;
/** Read, to be paired; more variants than this are left out. */
const maxVariants = 20_000;
const maxClusterNames = 1_000;

interface ComparedPair extends BundlePair {
  clusters: string[];
  clusterCount: number;
  fromReleases: number[];
  toReleases: number[];
}

/** What a delivery would change, object by object; clusters with the same diff are shown once. */
@Injectable()
export class Diffs {
  constructor(
    private readonly applications: Applications,
    private readonly repository: DiffRepository,
    private readonly bundles: BundleDiffs,
  ) {}

  async of(name: string, { cluster, from, to }: DiffQuery): Promise<ApplicationDiff> {
    const application = await this.applications.visible(name);
    if (from !== undefined && to !== undefined) return await this.betweenReleases(application, from, to);
    return await this.assignedWithWanted(application, cluster);
  }

  private async assignedWithWanted({ id, name }: LockedApplication, cluster?: string): Promise<ApplicationDiff> {
    const { regions } = currentActor().scope;
    const found = await this.repository.assignedWithWanted(id, { cluster, regions }, maxPairs);
    if (cluster !== undefined) await this.requireRendered(id, name, cluster, found.length);
    const differing = found.filter((pair) => pair.from !== pair.to).slice(0, maxPairs);
    const unchanged = found[0]?.unchanged_clusters ?? 0;
    const shown = differing.reduce((sum, pair) => sum + pair.cluster_count, 0);
    const left = (found[0]?.all_clusters ?? 0) - unchanged - shown;
    const groups = await this.groupsOf(
      differing.map((pair) => ({
        from: pair.from,
        to: pair.to,
        clusters: pair.clusters,
        clusterCount: pair.cluster_count,
        fromReleases: pair.from_releases,
        toReleases: pair.to_releases,
      })),
    );
    const notRendered = cluster === undefined ? await this.repository.notRendered(id, regions) : 0;
    return { application: name, compared: 'assignedWithWanted', groups, unchanged, notCompared: left + notRendered };
  }

  private async requireRendered(id: string, name: string, cluster: string, found: number): Promise<void> {
    if (found === 0) throw Problem.notFound(`target of application ${name} on cluster`, cluster);
    const problem = await this.repository.problemOn(id, cluster);
    if (problem !== undefined)
      throw Problem.conflict(`the newest release cannot be rendered for ${cluster}: ${problem}`);
  }

  private async betweenReleases({ id, name }: LockedApplication, from: number, to: number): Promise<ApplicationDiff> {
    for (const [field, number] of Object.entries({ from, to })) {
      if (await this.repository.hasRelease(id, number)) continue;
      throw Problem.invalid([{ field, message: `application ${name} has no release ${number}` }]);
    }
    const { regions } = currentActor().scope;
    const { pairs, unpaired } = pairVariants(await this.repository.releasePairs(id, from, to, maxVariants));
    const differing = pairs.filter((pair) => pair.from !== pair.to);
    const compared = differing.slice(0, maxPairs);
    const digests = [...new Set(compared.flatMap((pair): Digest[] => [pair.from, pair.to]))];
    const users = await this.repository.users(id, digests, regions);
    const groups = await this.groupsOf(
      compared.map((pair) => {
        const clusters = users
          .filter(({ bundle }) => bundle === pair.from || bundle === pair.to)
          .map((user) => user.cluster);
        return { ...pair, clusters, clusterCount: new Set(clusters).size, fromReleases: [from], toReleases: [to] };
      }),
    );
    const unchanged = pairs.length - differing.length;
    const notCompared = unpaired + differing.length - compared.length;
    return { application: name, compared: 'releases', groups, unchanged, notCompared };
  }

  private async groupsOf(pairs: readonly ComparedPair[]): Promise<DiffGroup[]> {
    const groups = new Map<string, DiffGroup>();
    for (const pair of pairs) {
      const { clusters, clusterCount, fromReleases, toReleases } = pair;
      const diff = await this.bundles.between(pair);
      const key = canonicalJson(diff);
      const known = groups.get(key);
      if (known === undefined) {
        groups.set(key, { clusters: unique(clusters), clusterCount, fromReleases, toReleases, ...diff });
        continue;
      }
      known.clusters = unique([...known.clusters, ...clusters]);
      known.clusterCount += clusterCount;
      known.fromReleases = ascending([...known.fromReleases, ...fromReleases]);
      known.toReleases = ascending([...known.toReleases, ...toReleases]);
    }
    return [...groups.values()].sort((a, b) => b.clusterCount - a.clusterCount);
  }
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)].sort().slice(0, maxClusterNames);
}

function ascending(numbers: readonly number[]): number[] {
  return [...new Set(numbers)].sort((a, b) => a - b);
}
