import type { RotationPolicy } from '../../src/store/rotation.ts';
import type { GenerationRecord, SessionRecord } from '../../src/store/session-record.ts';
import { bytesOf } from '../roots.ts';

/** The smallest numbers with which every row of the table can apply. */
export const policy: RotationPolicy = {
  gracePeriod: 10_000,
  settlePeriod: 60_000,
  strikePeriod: 120_000,
  maxReplays: 3,
  maxUnconfirmedReplays: 4,
  maxLateRun: 2,
  regressionPeriod: 60_000,
};

/** In ms: how long a request or a reply is in flight at most. It is shorter than the settle period. */
export const maxInFlight = 30_000;

/** A refresh token, named by the salts that it was derived with. */
export interface Token {
  readonly line: string;
  readonly generation: number;
}

/** A request in flight to the server. */
export interface Sent {
  readonly token: Token;
  readonly by: 'client' | 'thief';
  readonly callId: string;
  readonly at: number;
}

/** A reply in flight to the cookie jar. */
export interface Reply {
  readonly token: Token;
  readonly at: number;
  /** The reply to a step-up: a client that loses it has to log in again. */
  readonly elevated: boolean;
}

/** The whole state that a step of the model depends on. */
export interface World {
  readonly now: number;
  readonly record: SessionRecord;
  /** The record before the last write, for a failover that loses that write. */
  readonly snapshot: SessionRecord | null;
  readonly failedOver: boolean;
  readonly jar: Token;
  readonly thief: Token | null;
  readonly sent: readonly Sent[];
  readonly replies: readonly Reply[];
  /** How often the client has presented its current token. */
  readonly attempts: number;
  /** In how many generations in a row, the current one included, a client replayed late. */
  readonly lateGenerations: number;
  readonly lateNow: boolean;
  readonly elevations: number;
  readonly calls: number;
}

const hashes = new Map<string, Uint8Array>();

/** Returns bytes for a name, the same each time. */
const bytes = (name: string, length: number): Uint8Array => {
  const key = `${length} ${name}`;
  let found = hashes.get(key);
  if (!found) hashes.set(key, (found = bytesOf(name, length)));
  return found;
};

export const hashOf = ({ line }: Token): Uint8Array => bytes(`token ${line}`, 32);
export const callBytes = (callId: string): Uint8Array => bytes(`call ${callId}`, 16);

/** Returns the successor of a token: the same one for the same salt. */
export const successorOf = ({ line, generation }: Token, salt: string): Token => ({
  line: `${line}.${salt}`,
  generation: generation + 1,
});

export const generationRecordOf = (token: Token, salt: string): GenerationRecord => ({
  tokenHash: hashOf(token),
  salt: bytes(`salt ${salt}`, 32),
  kid: 1,
  issuedAt: 0,
  accessHash: null,
});

export const firstToken: Token = { line: '0', generation: 0 };

export const isCurrent = (record: SessionRecord, token: Token): boolean =>
  record.generation === token.generation && record.tokenHash === hashOf(token);
