import { bitbucketCloud } from './bitbucket-cloud';
import { bitbucketServer } from './bitbucket-server';
import type { Dialect, WebhookRequest } from './dialect';
import { generic } from './generic';
import { gitea } from './gitea';
import { github } from './github';
import { gitlab } from './gitlab';

/** In order: those that borrow headers of others come before them. */
export const webhookDialects: readonly Dialect[] = [gitea, gitlab, bitbucketCloud, bitbucketServer, github, generic];

export function dialectOf(request: WebhookRequest): Dialect | undefined {
  return webhookDialects.find((dialect) => dialect.speaks(request));
}
