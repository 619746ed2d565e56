import type { Entry } from './entry.ts';
import type { Timeline } from './timeline.ts';

/** In ms: how often a comment is sent to keep the stream open. */
const heartbeat = 15_000;

const encoder = new TextEncoder();

/**
 * Returns the server-sent events of one session (HTML § 9.2): `history` with all entries, then
 * `entry` for each new one, and `end` at the end. A page that reconnects receives the history
 * again.
 */
export const eventStream = (
  timeline: Timeline,
  sessionId: string,
): ReadableStream<Uint8Array<ArrayBuffer>> => {
  let cleanUp = (): void => {};
  return new ReadableStream({
    start: (controller) => {
      const send = (text: string): void => controller.enqueue(encoder.encode(text));
      const event = (name: string, data: unknown): void =>
        send(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
      const timer = setInterval(() => send(':\n\n'), heartbeat).unref();
      const unfollow = timeline.follow(sessionId, {
        onEntry: (entry: Entry) => event('entry', entry),
        onEnd: () => {
          event('end', {});
          cleanUp();
          controller.close();
        },
      });
      cleanUp = () => {
        clearInterval(timer);
        unfollow();
      };
      event('history', timeline.entries(sessionId));
    },
    cancel: () => cleanUp(),
  });
};
