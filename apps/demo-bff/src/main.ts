import { once } from 'node:events';
import { ConfigurationError } from '@pawl/core';
import { readConfig } from './config.ts';
import { startDemo } from './start.ts';

// Registered first, so that a signal during the start counts, too.
const stopSignal = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
try {
  await using demo = await startDemo(readConfig(process.env), {
    onEvent: (event) => {
      const details = 'reason' in event ? ` (${event.reason})` : '';
      console.log(`${new Date().toISOString()} ${event.type}${details}`);
    },
  });
  console.log(
    `The page and its BFF are on ${demo.origin}, the provider on ${demo.issuer}, the API on ${demo.api}.`,
  );
  await stopSignal;
} catch (error) {
  // For a wrong setting the message is enough.
  console.error(error instanceof ConfigurationError ? error.message : error);
  process.exitCode = 1;
}
