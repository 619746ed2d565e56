/** What a client gets from a login or a refresh. */
export interface Grant {
  readonly refreshToken: string;
  readonly accessToken: string;
  /** In ms. */
  readonly accessTokenExpiresAt: number;
}

/** `retry`: come back with a newer token. `refused`: log in again. */
export type Answer = Grant | 'retry' | 'refused';

/** Why a session is over, and since when. */
export interface Ending {
  readonly at: number;
  readonly reason: string;
}

/** How often each kind of answer was given. */
export type Tally = Record<
  'rotated' | 'settled' | 'replayed' | 'replayedLate' | 'retry' | 'refused',
  number
>;

export const emptyTally = (): Tally => ({
  rotated: 0,
  settled: 0,
  replayed: 0,
  replayedLate: 0,
  retry: 0,
  refused: 0,
});

/** One session on a server: everything that its clients can do with it. */
export interface Server {
  readonly logIn: () => Promise<Grant>;
  readonly refresh: (refreshToken: string) => Promise<Answer>;
  /** An API call. Whether the access token was accepted. */
  readonly use: (accessToken: string) => Promise<boolean>;
  readonly ending: () => Ending | null;
  /** The most refresh tokens, so far, that would each have been good for a new one. */
  readonly mostLiveTokens: () => number;
  readonly tally: Tally;
}

/** Makes a server with a session of its own, on a clock. */
export type ServerFactory = (clock: () => number, seed: number) => Server;
