import { ConfigurationError } from '@pawl/core';
import type { Connection } from './connection.ts';
import { Script } from './script.ts';

const probe: Script = new Script(
  '#!lua flags=allow-oom,no-writes',
  "return { 7, 'text', false, {} }",
);

/**
 * Runs a script and compares the types of its reply. Options and plugins of a client, or a proxy, may
 * convert replies; a converted number or null could be taken for another outcome.
 *
 * @param key any key: it decides which node of a Cluster runs the script
 * @throws ConfigurationError, StoreUnavailableError
 */
export const assertPlainReplies = async (connection: Connection, key: string): Promise<void> => {
  const reply = await connection.runUnchecked(probe, [key], []);
  const [number, text, nothing, list] = Array.isArray(reply) ? (reply as unknown[]) : [];
  const plain =
    number === 7 &&
    Buffer.isBuffer(text) &&
    text.toString() === 'text' &&
    nothing === null &&
    Array.isArray(list) &&
    list.length === 0;
  if (plain) return;
  throw new ConfigurationError(
    'client',
    'converts replies; remove the option or plugin that does it',
  );
};
