import { startTestHub, type TestHub } from '#test/harness/hub';

describe('an address that tries tokens', () => {
  let hub: TestHub;
  beforeAll(async () => {
    hub = await startTestHub();
  });
  afterAll(() => hub.stop());

  it('is told to wait, while a known token still passes', async () => {
    await hub.request.get('/api/v1/caller').expect(200);
    const guess = (n: number) =>
      hub.anonymous
        .get('/api/v1/caller')
        .set('authorization', `Bearer flt_${String(n).padStart(32, '0')}_${'a'.repeat(43)}`);
    let limited: Awaited<ReturnType<typeof guess>> | undefined;
    for (let n = 0; n < 60 && limited === undefined; n += 1) {
      const answer = await guess(n);
      if (answer.status === 429) limited = answer;
      else expect(answer.status).toBe(401);
    }
    expect(limited?.body.type).toContain('too-many-requests');
    expect(Number(limited?.headers['retry-after'])).toBeGreaterThan(0);
    await hub.request.get('/api/v1/caller').expect(200);
  });
});
