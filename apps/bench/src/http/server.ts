/**
 * The process of one candidate, which its argument names. It sends its port, and then its processor
 * time in reply to every message.
 */
import { type FrameworkName, type Row, startCandidate } from './candidates.ts';
import type { Served } from './frameworks/framework.ts';

/** The candidate, as JSON in the first argument. */
export interface ServerArgument {
  readonly framework: FrameworkName;
  readonly row: Row;
  readonly name: string;
  readonly redisPort: number;
}

/** What the process sends: `up` once, then a reply to each message. */
export type ServerMessage =
  | ({ readonly kind: 'up' } & Served)
  /** The processor time of all threads in user and kernel mode since the start, in µs. */
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
