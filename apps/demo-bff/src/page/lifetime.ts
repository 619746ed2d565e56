import { byId } from './dom.ts';

let endsAt = 0;
let length = 1;
let timer: ReturnType<typeof setInterval> | undefined;

/** Shows how long the provider's access token is good, as the BFF knows it. In ms since the epoch. */
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
  byId('countdown').textContent = left > 0 ? `${Math.ceil(left / 1_000)} s left` : 'over';
  byId<HTMLProgressElement>('lifetime').value = left / length;
};
