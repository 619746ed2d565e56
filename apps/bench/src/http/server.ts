/**
 * The process of one candidate. It is told which one by its argument, answers where it
 * listens, and then how much processor time it has used, whenever it is asked.
 */
import { type FrameworkName, type Row, startCandidate } from './candidates.ts';
import type { Served } from './frameworks/framework.ts';

/** Which candidate, as JSON in the first argument. */
export interface ServerArgument {
  readonly framework: FrameworkName;
  readonly row: Row;
  readonly name: string;
  readonly redisPort: number;
}

/** What the process sends: once that it is up, then an answer to each message. */
export type ServerMessage =
  | ({ readonly kind: 'up' } & Served)
  /** In µs since the process began: of all its threads, in its own code and in the kernel. */
  | { readonly kind: 'usage'; readonly micros: number };

const { framework, row, name, redisPort } = JSON.parse(process.argv.at(2) ?? '') as ServerArgument;
const send = (message: ServerMessage): void => {
  process.send?.(message);
};

const served = await startCandidate(framework, row, name, redisPort);
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  send({ kind: 'usage', micros: user + system });
});
process.on('disconnect', () => process.exit());
send({ kind: 'up', ...served });
