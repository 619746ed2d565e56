import { createSessions } from '@pawl/core';
import { createMemoryStore } from '@pawl/memory';

const sessions = createSessions({
  store: createMemoryStore(),
  secrets: [process.env['PAWL_SECRET'] ?? ''],
});

const login = await sessions.create({ userId: 'ada', claims: { role: 'admin' } });
const auth = await sessions.verify(login.accessToken); // auth.userId, auth.claims, auth.session
const next = await sessions.refresh(login.refreshToken); // repeat it: the same pair again
await sessions.revoke(next.sessionId); // next.accessToken is refused from here on

/** What the test looks at. */
export const seen: Readonly<Record<'auth' | 'next' | 'refusal', unknown>> = {
  auth,
  next,
  refusal: await sessions.verify(next.accessToken).catch((error: unknown) => error),
};
