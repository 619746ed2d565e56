import { ConfigurationError } from '@pawl/core';
import { readConfig, toVariableError } from './config.ts';
import { createLog, nameOf } from './log.ts';
import { startDemo } from './server.ts';
import { openStorage } from './storage/open-storage.ts';

try {
  const config = readConfig(process.env);
  const log = createLog();
  const storage = await openStorage(config.store, config.users, (error) =>
    log.error({ event: 'storage.connection_failed', error: nameOf(error) }),
  );
  const demo = await startDemo(config, storage, log).catch(async (error: unknown) => {
    await storage.close();
    throw error;
  });
  const stop = async (signal: string): Promise<void> => {
    log.info({ event: 'demo.stopping', signal });
    try {
      await demo.stop();
      await storage.close();
      log.info({ event: 'demo.stopped' });
    } catch (error) {
      log.error({ event: 'demo.stop_failed', error: nameOf(error) });
      process.exitCode = 1;
    }
  };
  process.once('SIGINT', (signal) => void stop(signal));
  process.once('SIGTERM', (signal) => void stop(signal));
  // Printed last: from now on a signal ends the demo in order.
  const kind = config.store.replace(/:\/\/.*/, '');
  console.log(
    `The demo listens on ${config.origin} (${config.framework}, ${kind}, preset ${config.preset}).`,
  );
} catch (thrown) {
  const error = toVariableError(thrown);
  // For a wrong setting the message is enough.
  console.error(error instanceof ConfigurationError ? error.message : error);
  process.exitCode = 1;
}
