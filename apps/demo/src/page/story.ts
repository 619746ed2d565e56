import type { Entry } from '../timeline/entry.ts';

/** The text of an entry. */
export interface Description {
  readonly title: string;
  readonly detail: string;
  readonly tone: 'plain' | 'soft' | 'warn' | 'bad';
}

/** Why a session ended, by reason. */
const ends: Readonly<Record<string, string>> = {
  logout: 'Signed out.',
  revoked: 'Signed out from another device.',
  password_changed: 'The password was changed on another device.',
  account_deleted: 'The account was deleted.',
  replaced: 'Replaced by another sign-in in this browser.',
  evicted: 'Too many sessions: the oldest one was ended.',
  reuse_detected:
    'A copied token was used. The session has ended for both the thief and the owner.',
  unseen: 'The session ended while this page was away.',
  fork: 'A token was presented that was never issued.',
  lost: 'The store has lost the newest state of this session.',
};

export const endOf = (reason: string | undefined): string =>
  ends[reason ?? ''] ?? `The session was ended (reason: ${reason ?? 'none given'}).`;

/** Describes an entry. @param count how many entries of the same kind it stands for */
export const describeEntry = (entry: Entry, count: number): Description => {
  const { type, presented = 0, generation = 0, reason, cause } = entry;
  const times = count > 1 ? ` ${count} times` : '';
  switch (type) {
    case 'session.created':
      return { title: 'Signed in', detail: 'A session begins at generation 0.', tone: 'plain' };
    case 'session.rotated':
      return {
        title: `Rotated: generation ${presented} → ${generation}`,
        detail: `Token ${presented} is used up.`,
        tone: 'plain',
      };
    case 'session.replayed':
      return {
        title: count > 1 ? `The same successor,${times}` : 'The same successor',
        detail: `Token ${presented} was presented again, and the response was the same token ${generation} as before.`,
        tone: 'soft',
      };
    case 'session.settled':
      return {
        title: count > 1 ? `Nothing to do,${times}` : 'Nothing to do',
        detail: `Token ${generation} is new, so the response contained it again.`,
        tone: 'soft',
      };
    case 'session.retry_requested':
      return {
        title: `A late request was asked to retry${times}`,
        detail: `It presented token ${presented}, but its browser has token ${generation} by now.`,
        tone: 'soft',
      };
    case 'session.elevated':
      return {
        title: 'New credentials',
        detail: 'They are not derived from the old ones, and all older tokens are invalid at once.',
        tone: 'plain',
      };
    case 'reply.lost':
      return {
        title: 'The reply was lost',
        detail: 'The service has rotated the token, but the browser did not receive it.',
        tone: 'warn',
      };
    case 'token.stolen':
      return {
        title: 'A thief copied the token',
        detail: 'Nobody has noticed yet.',
        tone: 'warn',
      };
    case 'reuse.detected':
      return {
        title: 'Reuse detected',
        detail: cause
          ? `Token ${presented} came late, and so did its predecessors: the owner and a thief take turns.`
          : `Token ${presented} was presented, but it was used long ago: the session is at ${generation}.`,
        tone: 'bad',
      };
    case 'session.revoked':
      return { title: 'The session has ended', detail: endOf(reason), tone: 'bad' };
    case 'session.expired':
      return {
        title: 'The session has expired',
        detail: 'It was not used for too long.',
        tone: 'bad',
      };
    case 'fork.detected':
    case 'regression.detected':
    case 'session.lost':
      return { title: 'Two histories of one session', detail: type, tone: 'bad' };
    default:
      return { title: type, detail: reason ?? '', tone: 'soft' };
  }
};
