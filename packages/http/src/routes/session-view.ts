import type { Auth, ListedSession, SessionInfo } from '@pawl/core';

/** In the words of the wire: ISO 8601, lower snake case, null for what is not known. */
const time = (ms: number): string => new Date(ms).toISOString();

type AnySession = SessionInfo<unknown, unknown>;

/** A session as its user may see it. The application's data stays on the server. */
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

/** One line of `GET /sessions`. */
export const listedSessionView = (
  session: ListedSession<unknown, unknown>,
): Record<string, unknown> => ({ ...sessionView(session), current: session.current });

/** The body of `GET /session`. */
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
