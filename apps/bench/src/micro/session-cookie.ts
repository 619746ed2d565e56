import { createSessions, generateSecret } from '@pawl/core';
import { createHttp, type HttpRequest } from '@pawl/http';
import { createMemoryStore } from '@pawl/memory';
import { type Candidate, measure, ratioOf } from '../measuring/measure.ts';
import type { Section } from '../measuring/report.ts';

const count = 500;

/** A guard that reads the records of sessions from its cache, and requests by cookie for it. */
const guarded = async (name: string, mode: 'session' | 'pair'): Promise<Candidate<number>> => {
  const sessions = createSessions<object, object>({
    store: createMemoryStore(),
    secrets: [generateSecret()],
    maxStaleness: 3_600_000,
  });
  const http = createHttp({ sessions, origin: 'http://localhost:8080', cookies: { mode } });
  const guard = http.guard();
  const requests: HttpRequest[] = [];
  for (let user = 0; user < count; user++) {
    const { refreshToken, accessToken } = await sessions.create({ userId: `user-${user}` });
    const cookie = mode === 'session' ? `session=${refreshToken}` : `access_token=${accessToken}`;
    requests.push({
      method: 'GET',
      path: '/',
      query: '',
      remoteAddress: '127.0.0.1',
      header: (header) => (header === 'cookie' ? cookie : undefined),
      body: async () => null,
    });
  }
  return {
    name,
    run: async () => {
      for (const request of requests) {
        if ((await guard(request)).kind !== 'authenticated') throw new Error('not authenticated');
      }
    },
  };
};

/** Measures a guard by the session cookie beside one by an opaque access token in a cookie. */
export const guardCookies = async (): Promise<Section> => {
  const names = { pair: 'access cookie of a pair', session: 'session cookie' };
  const measured = await measure<number>({
    title: 'guard by cookie, record from the cache',
    rounds: 31,
    prepare: () => Array.from({ length: count }, (_, index) => index),
    candidates: [await guarded(names.pair, 'pair'), await guarded(names.session, 'session')],
  });
  return {
    measured,
    rules: [
      {
        name: 'session cookie / access cookie',
        ratio: ratioOf(measured, names.session, names.pair),
        // 0.5 µs of about 1.3 µs.
        atMost: 1.4,
      },
    ],
  };
};
