import { once } from 'node:events';
import { ConfigurationError } from '@pawl/core';
import { readConfig } from './config.ts';
import { startDemo } from './start.ts';

// From the start: whoever asks while it starts is answered, too.
const toldToEnd = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
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
  await toldToEnd;
} catch (error) {
  // A wrong setting is the reader's to mend: the sentence is enough.
  console.error(error instanceof ConfigurationError ? error.message : error);
  process.exitCode = 1;
}
