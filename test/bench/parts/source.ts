import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { makeRepository, serveGit, type TestRepository } from '#test/harness/git';
import { temporaryFolder } from '#test/harness/run/folder';
import type { BenchHub } from './hub';
import { sendWebhook } from './webhook';

export interface BenchSource {
  repository: TestRepository;
  /** Sends the webhook for a commit; resolves when the hub has taken it. */
  push(commit: string): Promise<void>;
  stop(): Promise<void>;
}

const name = 'bench';
const dayS = 86_400;

/** A Git repository behind a real smart HTTP server on this machine; call `follow` once it has a commit. */
export async function serveRepository(): Promise<{
  repository: TestRepository;
  follow(hub: BenchHub): Promise<BenchSource>;
}> {
  const root = temporaryFolder('git');
  const repository = await makeRepository(path.join(root, 'fleet'));
  return {
    repository,
    follow: async (hub) => {
      const server = await serveGit(root);
      const repositoryUrl = `${server.url}/fleet`;
      const secret = randomBytes(20).toString('hex');
      await hub.put(`/sources/${name}`, {
        apiVersion: 'flotilla.dev/v1',
        kind: 'Source',
        metadata: { name },
        // Once a day: nothing but the webhook brings a commit in.
        spec: { url: repositoryUrl, revision: { branch: 'main' }, pollSeconds: dayS, webhookSecret: secret },
      });
      return {
        repository,
        push: (commit) => sendWebhook({ hubUrl: hub.url, source: name, secret, repositoryUrl, commit }),
        stop: () => server.close(),
      };
    },
  };
}

export async function declareApplication(hub: BenchHub, application: string, folder: string): Promise<void> {
  await hub.put(`/applications/${application}`, {
    apiVersion: 'flotilla.dev/v1',
    kind: 'Application',
    metadata: { name: application },
    spec: { source: name, path: folder, placement: { all: true } },
  });
}
