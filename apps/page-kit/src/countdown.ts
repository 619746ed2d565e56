import { byId } from './dom.ts';

/** Shows in `#countdown` and in the bar `#lifetime` how long a token is still valid. */
export interface Countdown {
  /** @param expiresAt in ms since the epoch */
  readonly show: (expiresAt: number) => void;
  readonly stop: () => void;
}

/**
 * @param format makes the text of the remaining seconds
 * @param onTick called four times per second with the remaining and the whole time, in ms
 * @param over the text when no time is left
 */
export const createCountdown = (
  format: (seconds: number) => string,
  onTick: (left: number, length: number) => void = () => {},
  over = 'expired',
): Countdown => {
  let endsAt = 0;
  let length = 1;
  let timer: ReturnType<typeof setInterval> | undefined;

  const tick = (): void => {
    const left = Math.max(0, endsAt - Date.now());
    byId('countdown').textContent = left > 0 ? format(Math.ceil(left / 1_000)) : over;
    byId<HTMLProgressElement>('lifetime').value = left / length;
    onTick(left, length);
  };

  return {
    show: (expiresAt) => {
      if (expiresAt !== endsAt) length = Math.max(1, expiresAt - Date.now());
      endsAt = expiresAt;
      timer ??= setInterval(tick, 250);
      tick();
    },
    stop: () => {
      clearInterval(timer);
      timer = undefined;
      endsAt = 0;
    },
  };
};
