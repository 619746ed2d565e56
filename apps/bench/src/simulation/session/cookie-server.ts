import { type Deployment, deploy, type Refusal, refusalOf } from './deploy.ts';
import type { Watch } from './watch.ts';

/** A request that goes on. */
export interface Served {
  /** The next token, for the cookie; or null. */
  readonly renewed: string | null;
  /** When that was decided. */
  readonly decidedAt: number;
}

/** A service whose guard keeps one session in a cookie that rotates by itself. */
export interface CookieServer {
  readonly logIn: () => Promise<string>;
  /** A request with the cookie. `canRenew`: whether its answer can carry the next one. */
  readonly present: (token: string, canRenew: boolean) => Promise<Served | Refusal>;
  /** In ms: how old a session cookie becomes. */
  readonly rotateAfter: number;
  readonly watch: Watch;
}

export interface CookieServerOptions extends Deployment {
  /** Asks the real code even where nothing can come of it: slow, to prove that it makes no difference. */
  readonly isThorough?: boolean;
}

/** In ms: `touchInterval` of the deployment. */
const touchInterval = 60_000;
const unchanged: Served = { renewed: null, decidedAt: 0 };

/** The real code: `sessions.resume`. */
export const createCookieServer = (
  { isThorough = false, ...deployment }: CookieServerOptions,
  clock: () => number,
  seed: number,
): CookieServer => {
  const { sessions, watch, lastRead } = deploy(deployment, clock, seed, false);
  const { rotateAfter } = sessions.times;
  /** Until then this token changes nothing and gets nothing: the record says so. */
  let quiet: { readonly token: string; readonly until: number } | null = null;

  const noteQuiet = (token: string): void => {
    const record = lastRead();
    if (isThorough || record === null || !record.confirmed) return;
    const dueAt = Math.max(record.rotatedAt, record.lateReplayAt ?? 0) + rotateAfter;
    quiet = { token, until: Math.min(dueAt, record.lastActiveAt + touchInterval) };
  };

  return {
    logIn: async () => (await sessions.create({ userId: 'user' })).refreshToken,
    present: async (token, canRenew) => {
      if (quiet?.token === token && clock() < quiet.until && watch.ending() === null) {
        return unchanged;
      }
      const presentation = watch.present(token);
      try {
        const { renewed } = await sessions.resume(token, { canRenew });
        if (renewed === null) {
          presentation.accepted();
          if (watch.isCurrent(token)) noteQuiet(token);
          return unchanged;
        }
        quiet = null;
        if (renewed.outcome === 'replayed') presentation.accepted();
        presentation.handedOut(renewed.refreshToken);
        return { renewed: renewed.refreshToken, decidedAt: renewed.decidedAt };
      } catch (error) {
        return refusalOf(error);
      }
    },
    rotateAfter,
    watch,
  };
};
