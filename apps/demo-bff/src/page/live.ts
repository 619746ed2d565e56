import { byId } from 'page-kit/dom';

/** In ms: how long after a lost connection the next one is tried. */
const reconnectDelay = 1_000;
/** In ms: how often a message is sent, so that a dead connection is noticed. */
const messageInterval = 5_000;

let socket: WebSocket | undefined;
let messageTimer: ReturnType<typeof setInterval> | undefined;

/**
 * Opens a WebSocket to the API, through the BFF. It closes when the session ends, so the page
 * notices at once. `onClosed` returns whether to open it again.
 */
export const connect = (onClosed: () => Promise<boolean>): void => {
  const opened = new WebSocket(new URL('/live', location.href));
  socket = opened;
  opened.addEventListener('message', () => {
    byId('live').hidden = false;
  });
  opened.addEventListener('open', () => {
    opened.send('hello');
    messageTimer = setInterval(() => opened.send('still here'), messageInterval);
  });
  opened.addEventListener('close', () => {
    clearInterval(messageTimer);
    byId('live').hidden = true;
    if (socket !== opened) return;
    void onClosed().then((reconnect) => {
      if (reconnect) setTimeout(() => socket === opened && connect(onClosed), reconnectDelay);
    });
  });
};

export const disconnect = (): void => {
  const open = socket;
  socket = undefined;
  open?.close();
};
