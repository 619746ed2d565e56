import type { Entry } from '../timeline/entry.ts';
import { setUpAccount } from './account.ts';
import { call, type Reply, refresh } from './api.ts';
import { loadDevices, setUpDevices } from './devices.ts';
import { byId, forgetSecrets, onPress } from './dom.ts';
import { follow, unfollow } from './follow.ts';
import { showLifetime, stopLifetime } from './lifetime.ts';
import { type Settings, setUpPlays } from './plays.ts';
import { setUpSignIn, type User } from './sign-in.ts';
import { endOf } from './story.ts';
import { addEntry, forgetStory, generation, setHistory } from './timeline.ts';
import { drawWheel, turnWheel } from './wheel.ts';

/** Whether this browser was signed in when it was here last: without it there is nothing to refresh. */
const remembered = 'pawl-demo.signed-in';
/** In ms: how often the list of devices looks for new ones. */
const devicesInterval = 4_000;

let isSignedIn = false;
let plays = false;

const showView = (): void => {
  document.body.dataset['state'] = isSignedIn ? 'signed-in' : 'signed-out';
  for (const view of document.querySelectorAll<HTMLElement>('[data-view]')) {
    const shown = view.dataset['view'] === document.body.dataset['state'];
    view.hidden = !shown || ('plays' in view.dataset && !plays);
  }
  byId('timeline')
    .closest('section')
    ?.toggleAttribute('hidden', !isSignedIn && byId('timeline').childElementCount === 0);
};

const notify = (title: string, text = '', isBad = false): void => {
  const notice = byId('notice');
  notice.hidden = title === '';
  notice.classList.toggle('bad', isBad);
  byId('notice-title').textContent = title;
  byId('notice-text').textContent = text;
};

const signedIn = ({ name }: User): void => {
  isSignedIn = true;
  localStorage.setItem(remembered, 'yes');
  forgetSecrets();
  forgetStory();
  notify('');
  byId('user-name').textContent = name;
  byId('greeting').textContent = `Hello, ${name}.`;
  document.querySelector('.session')?.classList.remove('over');
  showView();
  byId('main').focus({ preventScroll: true });
  follow(listener);
  void reload();
};

/** @param end what ended it, if somebody else did */
const signedOut = (end?: Entry): void => {
  if (!isSignedIn) return showView();
  isSignedIn = false;
  localStorage.removeItem(remembered);
  unfollow();
  stopLifetime();
  forgetSecrets();
  const byMyself = !end || end.reason === 'logout' || end.reason === 'account_deleted';
  if (byMyself) {
    forgetStory();
    notify(end?.reason === 'account_deleted' ? 'The account is gone.' : 'You are signed out.');
  } else {
    const title =
      end.type === 'session.expired' ? 'This session has expired.' : 'You were signed out.';
    notify(title, end.type === 'session.expired' ? '' : endOf(end.reason), true);
  }
  showView();
  window.scrollTo({ top: 0 });
  byId('main').focus({ preventScroll: true });
  if (!byMyself) void lookAround();
};

/**
 * After a session has ended: another tab may have signed in meanwhile, and its cookies are
 * this tab's, too. Only where nobody has, they are of no use any more.
 */
const lookAround = async (): Promise<void> => {
  const user = await quietly(currentUser);
  if (user && !isSignedIn) signedIn(user);
  if (user === null) await call('POST', '/logout').catch(() => undefined);
};

/** What the stream does not tell: how long the access token lives, and on which devices the user is. */
const reload = async (): Promise<void> => {
  if (!isSignedIn) return;
  turnWheel(generation() ?? 0);
  byId('generation').textContent = `${generation() ?? '–'}`;
  const [session] = await Promise.all([
    call<{ authenticated: boolean; expires_at?: string }>('GET', '/session'),
    loadDevices(),
  ]);
  if (isSignedIn && session.body.expires_at) showLifetime(Date.parse(session.body.expires_at));
};

const ends = new Set<Entry['type']>(['session.revoked', 'session.expired']);
let reloading: ReturnType<typeof setTimeout> | undefined;

const hear = (entry: Entry): void => {
  if (ends.has(entry.type)) return signedOut(entry);
  clearTimeout(reloading);
  reloading = setTimeout(() => void quietly(reload), 50);
};

const listener = {
  history: (entries: readonly Entry[]): void => {
    setHistory(entries);
    showView();
    const end = entries.findLast(({ type }) => ends.has(type));
    if (end) signedOut(end);
    else void quietly(reload);
  },
  entry: (entry: Entry): void => {
    addEntry(entry);
    hear(entry);
  },
  broken: async (): Promise<boolean> => {
    const user = await quietly(currentUser);
    // Undefined: the service does not answer, which is no reason to leave.
    if (user === null) signedOut({ at: Date.now(), type: 'session.revoked', reason: 'unseen' });
    return isSignedIn;
  },
};

/** Runs what asks the service, and says so while it does not answer. */
const quietly = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
  try {
    const done = await work();
    byId('offline').hidden = true;
    return done;
  } catch {
    byId('offline').hidden = false;
    return undefined;
  }
};

/** Null where nobody is signed in. @throws where the service cannot tell */
const currentUser = async (): Promise<User | null> => {
  const ask = (): Promise<Reply<{ user: User }>> => call('GET', '/content');
  let reply = await ask();
  if (reply.status === 401 && (await refresh()).ok) reply = await ask();
  if (reply.status >= 500) throw new Error('the service cannot tell');
  return reply.ok ? reply.body.user : null;
};

let isSetUp = false;

const setUp = async (): Promise<void> => {
  const { ok, body } = await call<Settings>('GET', '/settings');
  if (!ok || isSetUp) return;
  isSetUp = true;
  plays = body.plays;
  byId('code-section').hidden = !body.codes;
  if (plays) setUpPlays(body);
};

const begin = async (): Promise<void> => {
  await quietly(setUp);
  if (!localStorage.getItem(remembered)) return showView();
  const user = await quietly(currentUser);
  if (user) return signedIn(user);
  if (user === null) localStorage.removeItem(remembered);
  else setTimeout(() => void begin(), 2_000);
  showView();
};

drawWheel();
setUpSignIn(signedIn);
setUpDevices();
setUpAccount(() =>
  signedOut({ at: Date.now(), type: 'session.revoked', reason: 'account_deleted' }),
);
onPress('refresh', async () => {
  await quietly(refresh);
});
onPress('sign-out', async () => {
  const reply = await quietly(() => call('POST', '/logout'));
  if (reply?.ok) signedOut();
});
setInterval(() => {
  if (isSignedIn && document.visibilityState === 'visible') void quietly(loadDevices);
}, devicesInterval);
void begin();
