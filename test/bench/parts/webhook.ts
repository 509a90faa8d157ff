import { createHmac } from 'node:crypto';

export interface Push {
  hubUrl: string;
  source: string;
  secret: string;
  /** As the source follows it. */
  repositoryUrl: string;
  commit: string;
}

/** Tells the hub of a push to `main` as GitHub does. Throws when the hub does not take it. */
export async function sendWebhook({ hubUrl, source, secret, repositoryUrl, commit }: Push): Promise<void> {
  const body = JSON.stringify({
    ref: 'refs/heads/main',
    after: commit,
    repository: { clone_url: repositoryUrl, html_url: repositoryUrl },
  });
  const answer = await fetch(`${hubUrl}/webhooks/${source}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-github-event': 'push',
      'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    },
    body,
  });
  if (!answer.ok) throw new Error(`the hub refused a webhook: ${answer.status} ${await answer.text()}`);
  await answer.arrayBuffer();
}
