import { type Countdown, createCountdown } from 'page-kit/countdown';
import { refresh } from './api.ts';

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

const format = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${`${seconds % 60}`.padStart(2, '0')} left`;

/** Shows how long the access token is valid, and refreshes it shortly before it expires. */
export const lifetime: Countdown = createCountdown(format, (left, length) => {
  if (left < Math.min(20_000, length / 4)) void renew();
});
