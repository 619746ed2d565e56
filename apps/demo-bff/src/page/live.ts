import { byId } from './dom.ts';

/** In ms: after that a connection that was lost is tried again. */
const pause = 1_000;
/** In ms: how often something is said, so that a dead connection shows. */
const interval = 5_000;

let socket: WebSocket | undefined;
let chatter: ReturnType<typeof setInterval> | undefined;

/**
 * Holds a WebSocket to the API open, through the BFF. It closes with the session, which
 * is how the page knows at once; `closed` says whether to open it again.
 */
export const connect = (closed: () => Promise<boolean>): void => {
  const opened = new WebSocket(new URL('/live', location.href));
  socket = opened;
  opened.addEventListener('message', () => {
    byId('live').hidden = false;
  });
  opened.addEventListener('open', () => {
    opened.send('hello');
    chatter = setInterval(() => opened.send('still here'), interval);
  });
  opened.addEventListener('close', () => {
    clearInterval(chatter);
    byId('live').hidden = true;
    if (socket !== opened) return;
    void closed().then((goOn) => {
      if (goOn) setTimeout(() => socket === opened && connect(closed), pause);
    });
  });
};

export const disconnect = (): void => {
  const open = socket;
  socket = undefined;
  open?.close();
};
