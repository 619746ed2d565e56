import type { Entry } from '../timeline/entry.ts';

/** An entry in words. */
export interface Told {
  readonly title: string;
  readonly detail: string;
  readonly tone: 'plain' | 'soft' | 'warn' | 'bad';
}

/** Why a session ended, in words. */
const ends: Readonly<Record<string, string>> = {
  logout: 'Signed out.',
  revoked: 'Signed out from another device.',
  password_changed: 'The password was changed on another device.',
  account_deleted: 'The account was deleted.',
  replaced: 'Another sign-in in this browser took its place.',
  evicted: 'Too many sessions: the oldest one had to go.',
  reuse_detected: 'A copied refresh token was used. The session is over for thief and owner alike.',
  unseen: 'The session ended while this page was away.',
  fork: 'A refresh token turned up that nobody was ever given.',
};

export const endOf = (reason: string | undefined): string =>
  ends[reason ?? ''] ?? `The session was ended (${reason ?? 'for no stated reason'}).`;

/** Tells an entry; `count` of the same kind in a row are told as one. */
export const tell = (entry: Entry, count: number): Told => {
  const { type, presented = 0, generation = 0, reason } = entry;
  const times = count > 1 ? ` ${count} times` : '';
  switch (type) {
    case 'session.created':
      return { title: 'Signed in', detail: 'A session begins at generation 0.', tone: 'plain' };
    case 'session.rotated':
      return {
        title: `Rotated: generation ${presented} → ${generation}`,
        detail: `Refresh token ${presented} is used up.`,
        tone: 'plain',
      };
    case 'session.replayed':
      return {
        title: count > 1 ? `The same successor,${times}` : 'The same successor',
        detail: `Token ${presented} came back and was answered with token ${generation}, the very same as before.`,
        tone: 'soft',
      };
    case 'session.settled':
      return {
        title: count > 1 ? `Nothing to do,${times}` : 'Nothing to do',
        detail: `Token ${generation} is only just new: it was answered with itself.`,
        tone: 'soft',
      };
    case 'session.retry_requested':
      return {
        title: `A straggler was told to come back${times}`,
        detail: `It had token ${presented}; by now its browser has token ${generation}.`,
        tone: 'soft',
      };
    case 'session.elevated':
      return {
        title: 'New credentials',
        detail: 'Derived from nothing before: every older token is dead at once.',
        tone: 'plain',
      };
    case 'reply.lost':
      return {
        title: 'The reply was lost',
        detail: 'The service has rotated the token; the browser has not heard of it.',
        tone: 'warn',
      };
    case 'token.stolen':
      return { title: 'A thief copied the refresh token', detail: 'Nobody notices.', tone: 'warn' };
    case 'reuse.detected':
      return {
        title: 'Reuse detected',
        detail: `Token ${presented} was presented, and the session is at ${generation}. It was used up long ago.`,
        tone: 'bad',
      };
    case 'session.revoked':
      return { title: 'The session is over', detail: endOf(reason), tone: 'bad' };
    case 'session.expired':
      return {
        title: 'The session has expired',
        detail: 'Nobody used it for too long.',
        tone: 'bad',
      };
    case 'fork.detected':
    case 'regression.detected':
      return { title: 'Two histories of one session', detail: type, tone: 'bad' };
    default:
      return { title: type, detail: reason ?? '', tone: 'soft' };
  }
};
