import type { Auth, ListedSession, SessionInfo } from '@pawl/core';

/** Times are ISO 8601, names are in lower snake case, and unknown values are null. */
const time = (ms: number): string => new Date(ms).toISOString();

type AnySession = SessionInfo<unknown, unknown>;

/** What a user may see of a session. The application's data stays on the server. */
const sessionView = (session: AnySession): Record<string, unknown> => ({
  id: session.sessionId,
  user_agent: session.device.userAgent ?? null,
  ip: session.device.ip ?? null,
  device_id: session.device.id ?? null,
  label: session.device.label ?? null,
  created_at: time(session.createdAt),
  last_active_at: time(session.lastActiveAt),
  expires_at: time(session.expiresAt),
});

/** Returns an item of the body of `GET /sessions`. */
export const listedSessionView = (
  session: ListedSession<unknown, unknown>,
): Record<string, unknown> => ({ ...sessionView(session), current: session.current });

/** Returns the body of `GET /session` for a verified credential. */
export const authView = (auth: Auth<unknown, unknown>): Record<string, unknown> => ({
  authenticated: true,
  user_id: auth.userId,
  organization_id: auth.organizationId,
  expires_at: time(auth.expiresAt),
  auth_time: auth.authTime === null ? null : time(auth.authTime),
  acr: auth.acr,
  amr: auth.amr,
  session: auth.session && sessionView(auth.session),
});
