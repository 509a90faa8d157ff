import { startTestHub } from '#test/harness/hub';
import { CacheSweep } from './cache-sweep';
import { SourceReader } from './source-reader.service';

it('removes from the disk what belongs to no source any more', async () => {
  const hub = await startTestHub();
  try {
    const { body } = await hub.request
      .post('/api/v1/sources')
      .send({ metadata: { name: 'kept' }, spec: { url: 'https://127.0.0.1:1/nowhere.git' } })
      .expect(201);
    const kept = body.metadata.id as string;
    const gone = '00000000-0000-4000-8000-000000000000';
    const reader = hub.app.get(SourceReader, { strict: false });
    jest.spyOn(reader, 'cachedSources').mockResolvedValue([kept, gone]);
    const forget = jest.spyOn(reader, 'forget');
    await hub.app.get(CacheSweep, { strict: false }).sweep();
    expect(forget.mock.calls).toEqual([[gone]]);
  } finally {
    await hub.stop();
  }
});
