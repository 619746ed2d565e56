import type { SessionStore } from '@pawl/core/store';

/** A store some verbs of which are replaced. */
export const override = (store: SessionStore, verbs: Partial<SessionStore>): SessionStore => ({
  create: (session, limit) => store.create(session, limit),
  find: (sessionId, activity) => store.find(sessionId, activity),
  rotate: (request) => store.rotate(request),
  elevate: (request) => store.elevate(request),
  writeData: (request) => store.writeData(request),
  touch: (sessionId, generation) => store.touch(sessionId, generation),
  revoke: (input) => store.revoke(input),
  revokeAll: (input) => store.revokeAll(input),
  list: (userId) => store.list(userId),
  deleteExpired: () => store.deleteExpired(),
  ...verbs,
});
