import type { SessionTimes } from '@pawl/core';
import type { ConnectOptions, StoreAddress } from '../stores/address.ts';

/** What a worker is started with. */
export interface WorkerPlan extends ConnectOptions {
  readonly name: string;
  readonly address: StoreAddress;
  /** The root secret. */
  readonly secret: string;
  readonly times: Partial<SessionTimes>;
  /** In ms: how far the clock of this node is ahead of the machine's. */
  readonly skew: number;
  readonly seed: number;
  /** Where its part of the history goes. */
  readonly log: string;
}

/** What the clients of a worker do until they are stopped. */
export interface LoadPlan {
  /** How many clients, each with one session at a time. */
  readonly clients: number;
  /** Names that their users begin with; each client takes the next one. */
  readonly users: readonly string[];
  /** In ms: what a client waits for who comes back "after the grace period". */
  readonly gracePeriod: number;
  /** The share of answers that a client loses on the way, and asks for again. */
  readonly loseReplies: number;
  /** The share of refreshes after which an administrator ends the session. */
  readonly revoke: number;
  /** In ms: between two refreshes of a client. */
  readonly think: number;
}

/** A session that is over or was left behind: what its client still holds. */
export interface Remainder {
  readonly token: string;
}

/** What the experiment asks of a worker, and what it answers. */
export interface Verbs {
  /** Begins sessions, and answers their refresh tokens. */
  login: { request: { readonly users: readonly string[] }; answer: readonly string[] };
  /** Presents each token so often at once, and answers what each became. */
  storm: {
    request: { readonly tokens: readonly string[]; readonly times: number };
    answer: readonly (string | null)[];
  };
  /** Presents each token once. */
  audit: { request: { readonly tokens: readonly string[] }; answer: readonly string[] };
  /** Presents tokens that were consumed long ago. */
  steal: { request: { readonly tokens: readonly string[] }; answer: readonly string[] };
  /** Lets clients work until `stop`; answers what they hold then. */
  load: { request: LoadPlan; answer: readonly Remainder[] };
  stop: { request: null; answer: null };
  /** How many rotations its clients were acknowledged so far. */
  progress: { request: null; answer: number };
}

export type Verb = keyof Verbs;

export interface Request<V extends Verb = Verb> {
  readonly id: number;
  readonly verb: V;
  readonly request: Verbs[V]['request'];
}

export interface Reply {
  readonly id: number;
  readonly answer?: unknown;
  readonly problem?: string;
}
