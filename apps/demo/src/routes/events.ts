import type { Service } from '../service.ts';
import { eventStream } from '../timeline/event-stream.ts';
import { Refused } from './refused.ts';
import { guarded, type Route } from './route.ts';

const headers = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  // Proxies that collect what they pass on would hold the events back.
  'x-accel-buffering': 'no',
};

/** The timeline of the session that asks, for as long as it lives. */
export const eventRoutes = ({ timeline, isDraining }: Service): readonly Route[] => [
  guarded('GET', '/events', { apiKeys: false }, ({ method, auth: { sessionId } }) => {
    if (sessionId === null) throw new Refused(403, 'forbidden', 'there is no session');
    if (isDraining()) throw new Refused(503, 'unavailable', 'the service is stopping');
    if (method === 'HEAD') return { status: 200, headers };
    return { status: 200, headers, content: eventStream(timeline, sessionId) };
  }),
];
