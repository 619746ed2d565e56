import { type Countdown, createCountdown } from 'page-kit/countdown';
import { call, refresh } from './api.ts';
import type { Settings } from './settings.ts';
import { rotatedAt } from './timeline.ts';

/** Shows how long the current token is used. */
export interface Lifetime {
  /** Call it after each event of the session. */
  readonly update: () => Promise<void>;
  readonly stop: () => void;
}

const format = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${`${seconds % 60}`.padStart(2, '0')}`;

export const createLifetime = (settings: Settings): Lifetime =>
  settings.cookies === 'session' ? ofSessionCookie(settings.rotate_after) : ofAccessToken();

/** How long the access token is valid. It is refreshed shortly before it expires. */
const ofAccessToken = (): Lifetime => {
  let refreshing = false;
  const renew = async (): Promise<void> => {
    if (refreshing) return;
    refreshing = true;
    // The result arrives on the event stream. If the service is unavailable, the next tick retries.
    await refresh().catch(() => undefined);
    setTimeout(() => {
      refreshing = false;
    }, 1_000);
  };
  const countdown = createCountdown(
    (seconds) => `${format(seconds)} left`,
    (left, length) => {
      if (left < Math.min(20_000, length / 4)) void renew();
    },
  );
  return {
    update: async () => {
      const { body } = await call<{ expires_at?: string }>('GET', '/session');
      if (body.expires_at) countdown.show(Date.parse(body.expires_at));
    },
    stop: countdown.stop,
  };
};

/** When the cookie is due. Nothing is done then: the next request brings a new one, whatever it is. */
const ofSessionCookie = (rotateAfter: number): Lifetime => {
  const countdown: Countdown = createCountdown(
    (seconds) => `in ${format(seconds)}`,
    () => {},
    'with the next request',
  );
  return {
    update: async () => {
      const since = rotatedAt();
      if (since !== null) countdown.show(since + rotateAfter);
    },
    stop: countdown.stop,
  };
};
