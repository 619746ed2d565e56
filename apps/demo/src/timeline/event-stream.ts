import type { Entry } from './entry.ts';
import type { Timeline } from './timeline.ts';

/** In ms: how often a quiet stream shows that it is alive. */
const heartbeat = 15_000;

const encoder = new TextEncoder();

/**
 * Server-sent events of one session (HTML § 9.2): `history` with all there is, then
 * `entry` for each one, and `end` when nothing more will come. A page that is away
 * connects again by itself and gets the history again.
 */
export const eventStream = (
  timeline: Timeline,
  sessionId: string,
): ReadableStream<Uint8Array<ArrayBuffer>> => {
  let leave = (): void => {};
  return new ReadableStream({
    start: (controller) => {
      const send = (text: string): void => controller.enqueue(encoder.encode(text));
      const event = (name: string, data: unknown): void =>
        send(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
      const timer = setInterval(() => send(':\n\n'), heartbeat).unref();
      const unfollow = timeline.follow(sessionId, {
        entry: (entry: Entry) => event('entry', entry),
        end: () => {
          event('end', {});
          leave();
          controller.close();
        },
      });
      leave = () => {
        clearInterval(timer);
        unfollow();
      };
      event('history', timeline.entries(sessionId));
    },
    cancel: () => leave(),
  });
};
