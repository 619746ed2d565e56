/** The tokens that a login or a refresh returns. */
export interface Grant {
  readonly refreshToken: string;
  readonly accessToken: string;
  /** In ms. */
  readonly accessTokenExpiresAt: number;
}

/** `retry`: retry with a newer token. `refused`: log in again. */
export type RefreshReply = Grant | 'retry' | 'refused';

/** When and why a session ended. */
export interface Ending {
  readonly at: number;
  readonly reason: string;
}

/** How often each outcome occurred. */
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

/** One session on a server, with the calls that its clients can make. */
export interface Server {
  readonly logIn: () => Promise<Grant>;
  readonly refresh: (refreshToken: string) => Promise<RefreshReply>;
  /** An API call. Returns whether the access token was accepted. */
  readonly use: (accessToken: string) => Promise<boolean>;
  readonly ending: () => Ending | null;
  /** The largest number of refresh tokens that could each be exchanged at the same time. */
  readonly mostLiveTokens: () => number;
  readonly tally: Tally;
}

/** Creates a server with one session and a clock. */
export type ServerFactory = (clock: () => number, seed: number) => Server;
