import type { Entry } from '../timeline/entry.ts';
import { pause } from './api.ts';
import { byId } from './dom.ts';

/** Called for the events of the session. */
export interface Listener {
  readonly history: (entries: readonly Entry[]) => void;
  readonly entry: (entry: Entry) => void;
  /** Called when the stream broke or was refused. Returns whether to connect again. */
  readonly onBroken: () => Promise<boolean>;
}

/**
 * In ms: a page that was hidden for this long closes its stream. A browser opens six connections
 * to one service, so a seventh tab would never load.
 */
const maxHiddenTime = 10_000;

let listening: Listener | undefined;
let source: EventSource | undefined;
let attempt = 0;

/** Listens until {@link unfollow}, or until the session has ended. */
export const follow = (listener: Listener): void => {
  unfollow();
  listening = listener;
  // A page that was opened in the background connects when it is shown.
  if (document.visibilityState === 'visible') connect(listener);
};

const connect = (listener: Listener): void => {
  const own = new EventSource('/events');
  source = own;
  own.addEventListener('history', (event) => {
    attempt = 0;
    setLive(true);
    listener.history(JSON.parse(event.data as string) as Entry[]);
  });
  own.addEventListener('entry', (event) => {
    listener.entry(JSON.parse(event.data as string) as Entry);
  });
  const lost = async (): Promise<void> => {
    own.close();
    if (source !== own) return;
    setLive(false);
    // The session has ended or the service is down: check after a short wait.
    await pause(Math.min(3_000, 200 * 2 ** attempt++));
    if (source === own && (await listener.onBroken()) && source === own) connect(listener);
  };
  own.addEventListener('end', () => void lost());
  own.addEventListener('error', () => void lost());
};

export const unfollow = (): void => {
  listening = undefined;
  disconnect();
};

const disconnect = (): void => {
  source?.close();
  source = undefined;
  setLive(false);
};

let leaving: ReturnType<typeof setTimeout> | undefined;
document.addEventListener('visibilitychange', () => {
  clearTimeout(leaving);
  if (document.visibilityState === 'hidden') leaving = setTimeout(disconnect, maxHiddenTime);
  else if (listening && !source) connect(listening);
});

const setLive = (isLive: boolean): void => {
  const live = byId('live');
  live.textContent = isLive ? 'live' : 'not connected';
  live.classList.toggle('quiet', !isLive);
};
