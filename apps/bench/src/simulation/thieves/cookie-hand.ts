import type { CookieServer } from '../session/cookie-server.ts';
import type { Hand, Loot, RenewReply } from './hand.ts';
import { noteReply } from './note-reply.ts';

/** A copy of a session cookie. Each use of it is a request like any other, and takes what it gets. */
export const createCookieHand = (
  server: CookieServer,
  now: () => number,
  loot: Loot,
  copy: string,
): Hand => {
  let token = copy;
  /** Nobody tells him how old his copy is. */
  let dueAt = now();

  const present = async (canRenew: boolean): Promise<RenewReply> => {
    const reply = await server.present(token, canRenew);
    if (typeof reply === 'string') return noteReply(loot, now(), reply);
    if (reply.renewed === null) return noteReply(loot, now(), 'in');
    token = reply.renewed;
    dueAt = now() + server.rotateAfter;
    return noteReply(loot, now(), 'renewed');
  };

  return {
    use: async () => {
      const reply = await present(true);
      return reply === 'renewed' ? 'in' : reply;
    },
    renew: () => present(true),
    dueAt: () => dueAt,
    lead: 0,
  };
};
