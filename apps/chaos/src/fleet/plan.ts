import type { SessionTimes } from '@pawl/core';
import type { ConnectOptions, StoreAddress } from '../stores/address.ts';

/** The configuration of a worker. */
export interface WorkerPlan extends ConnectOptions {
  readonly name: string;
  readonly address: StoreAddress;
  /** The root secret. */
  readonly secret: string;
  readonly times: Partial<SessionTimes>;
  /** How far the clock of this node is ahead of the machine's clock, in ms. */
  readonly skew: number;
  readonly seed: number;
  /** The file for its part of the history. */
  readonly log: string;
}

/** What the clients of a worker do until they are stopped. */
export interface LoadPlan {
  /** How many clients, each with one session at a time. */
  readonly clients: number;
  /** User ids, which the clients take in turn. Empty: each client has a separate user. */
  readonly users: readonly string[];
  /** How long the grace period is, in ms; some clients retry only after it. */
  readonly gracePeriod: number;
  /** The share of replies that a client loses and requests again. */
  readonly loseReplies: number;
  /** The share of refreshes after which an administrator revokes the session. */
  readonly revoke: number;
  /** The average pause between two refreshes of a client, in ms. */
  readonly think: number;
}

/** The last refresh token that a client holds for a session. */
export interface Remainder {
  readonly token: string;
}

/** The requests that an experiment sends to a worker, and their results. */
export interface Verbs {
  /** Creates sessions. Returns their refresh tokens. */
  login: { request: { readonly users: readonly string[] }; result: readonly string[] };
  /** Presents each token `times` times in parallel. Returns the successor of each, or null. */
  storm: {
    request: { readonly tokens: readonly string[]; readonly times: number };
    result: readonly (string | null)[];
  };
  /** Presents each token once, as an auditor. Returns the outcomes. */
  audit: { request: { readonly tokens: readonly string[] }; result: readonly string[] };
  /** Presents consumed tokens, as a thief. Returns the outcomes. */
  steal: { request: { readonly tokens: readonly string[] }; result: readonly string[] };
  /** Lets clients work until `stop`. Returns the tokens that they then hold. */
  load: { request: LoadPlan; result: readonly Remainder[] };
  stop: { request: null; result: null };
  /** Returns how many rotations have been acknowledged to its clients. */
  progress: { request: null; result: number };
}

export type Verb = keyof Verbs;

export interface Request<V extends Verb = Verb> {
  readonly id: number;
  readonly verb: V;
  readonly request: Verbs[V]['request'];
}

export interface Reply {
  readonly id: number;
  readonly result?: unknown;
  /** The error message, if the request failed. */
  readonly problem?: string;
}
