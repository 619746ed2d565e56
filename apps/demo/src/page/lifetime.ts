import { refresh } from './api.ts';
import { byId } from './dom.ts';

let endsAt = 0;
let length = 1;
let timer: ReturnType<typeof setInterval> | undefined;
let refreshing = false;

/** Shows how long the access token lives, and gets the next one a little before its end. */
export const showLifetime = (expiresAt: number): void => {
  if (expiresAt !== endsAt) length = Math.max(1, expiresAt - Date.now());
  endsAt = expiresAt;
  timer ??= setInterval(tick, 250);
  tick();
};

export const stopLifetime = (): void => {
  clearInterval(timer);
  timer = undefined;
  endsAt = 0;
};

const tick = (): void => {
  const left = Math.max(0, endsAt - Date.now());
  const seconds = Math.ceil(left / 1_000);
  const text = `${Math.floor(seconds / 60)}:${`${seconds % 60}`.padStart(2, '0')}`;
  byId('countdown').textContent = left > 0 ? `${text} left` : 'expired';
  byId<HTMLProgressElement>('lifetime').value = left / length;
  if (left < Math.min(20_000, length / 4)) void renew();
};

const renew = async (): Promise<void> => {
  if (refreshing) return;
  refreshing = true;
  // What it brings is told by the stream of events; a service that is away is asked again.
  await refresh().catch(() => undefined);
  setTimeout(() => {
    refreshing = false;
  }, 1_000);
};
