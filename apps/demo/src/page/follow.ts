import type { Entry } from '../timeline/entry.ts';
import { pause } from './api.ts';
import { byId } from './dom.ts';

/** Hears of the session. */
export interface Listener {
  readonly history: (entries: readonly Entry[]) => void;
  readonly entry: (entry: Entry) => void;
  /** The stream broke or was refused: whether to try again. */
  readonly broken: () => Promise<boolean>;
}

/**
 * In ms: a page that nobody has looked at for so long lets go of its stream. A browser has
 * six connections to one service, and a seventh tab would never load.
 */
const patience = 10_000;

let listening: Listener | undefined;
let source: EventSource | undefined;
let attempt = 0;

/** Listens until {@link unfollow}, or until nothing more can come. */
export const follow = (listener: Listener): void => {
  unfollow();
  listening = listener;
  // A page that opens in the background has not been looked at yet.
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
    // The session is over, or the service is: a moment later is soon enough to ask.
    await pause(Math.min(3_000, 200 * 2 ** attempt++));
    if (source === own && (await listener.broken()) && source === own) connect(listener);
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
  if (document.visibilityState === 'hidden') leaving = setTimeout(disconnect, patience);
  else if (listening && !source) connect(listening);
});

const setLive = (isLive: boolean): void => {
  const live = byId('live');
  live.textContent = isLive ? 'live' : 'not connected';
  live.classList.toggle('quiet', !isLive);
};
