import { ConfigurationError } from '@pawl/core';
import { createMemoryStore } from '@pawl/memory';
import { readConfig } from './config.ts';
import { createLog } from './log.ts';
import { startDemo } from './server.ts';

try {
  const config = readConfig(process.env);
  const log = createLog();
  const demo = await startDemo(config, createMemoryStore(), log);
  console.log(`The demo listens on ${config.origin} (preset ${config.preset}).`);

  const stop = (signal: string): void => {
    log.info({ event: 'demo.stopping', signal });
    demo.stop().then(
      () => log.info({ event: 'demo.stopped' }),
      (error: unknown) => {
        log.error({ err: error });
        process.exitCode = 1;
      },
    );
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
} catch (error) {
  // A wrong setting is the reader's to mend: the sentence is enough.
  console.error(error instanceof ConfigurationError ? error.message : error);
  process.exitCode = 1;
}
