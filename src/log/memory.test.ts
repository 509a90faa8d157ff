import { describeMessageLog } from './contract';
import { MemoryLog } from './memory';

describeMessageLog('in memory', async () => {
  const log = new MemoryLog();
  return {
    open: () => log,
    beginOutage: async () => log.fail(true),
    endOutage: async () => log.fail(false),
    close: () => log.close(),
  };
});
