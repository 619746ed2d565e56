import type { Service } from '../service.ts';
import { eventStream } from '../timeline/event-stream.ts';
import { DemoError } from './demo-error.ts';
import { guardedRoute, type Route } from './route.ts';

const headers = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  // Stops proxies from buffering the events.
  'x-accel-buffering': 'no',
};

/** The event stream of the caller's session, until it ends. */
export const eventRoutes = ({ timeline, isDraining }: Service): readonly Route[] => [
  guardedRoute('GET', '/events', { apiKeys: false }, ({ method, auth: { sessionId } }) => {
    if (sessionId === null) throw new DemoError(403, 'forbidden', 'there is no session');
    if (isDraining()) throw new DemoError(503, 'unavailable', 'the service is stopping');
    if (method === 'HEAD') return { status: 200, headers };
    return { status: 200, headers, content: eventStream(timeline, sessionId) };
  }),
];
