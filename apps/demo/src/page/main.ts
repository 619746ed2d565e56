import type { Entry } from '../timeline/entry.ts';
import { setUpAccount } from './account.ts';
import { call, type Reply, refresh, refreshPair, setCookieMode } from './api.ts';
import { loadDevices, setUpDevices } from './devices.ts';
import { byId, forgetSecrets, onPress } from './dom.ts';
import { setUpExperiments } from './experiments.ts';
import { follow, unfollow } from './follow.ts';
import { createLifetime, type Lifetime } from './lifetime.ts';
import { type Settings, showTextsFor } from './settings.ts';
import { setUpSignIn, type User } from './sign-in.ts';
import { endOf } from './story.ts';
import { addEntry, clearTimeline, generation, setHistory } from './timeline.ts';
import { drawWheel, turnWheel } from './wheel.ts';

/** The storage key that says whether this browser was signed in here. */
const signedInKey = 'pawl-demo.signed-in';
/** In ms: how often the list of devices is loaded. */
const devicesInterval = 4_000;

let isSignedIn = false;
let hasExperiments = false;
let lifetime: Lifetime | undefined;

const showView = (): void => {
  document.body.dataset['state'] = isSignedIn ? 'signed-in' : 'signed-out';
  for (const view of document.querySelectorAll<HTMLElement>('[data-view]')) {
    const shown = view.dataset['view'] === document.body.dataset['state'];
    view.hidden = !shown || ('experiments' in view.dataset && !hasExperiments);
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

const showSignedIn = ({ name }: User): void => {
  isSignedIn = true;
  localStorage.setItem(signedInKey, 'yes');
  forgetSecrets();
  clearTimeline();
  notify('');
  byId('user-name').textContent = name;
  byId('greeting').textContent = `Hello, ${name}.`;
  document.querySelector('.session')?.classList.remove('over');
  showView();
  byId('main').focus({ preventScroll: true });
  follow(listener);
  void reload();
};

/** @param end the event that ended the session, if it was not this page */
const showSignedOut = (end?: Entry): void => {
  if (!isSignedIn) return showView();
  isSignedIn = false;
  localStorage.removeItem(signedInKey);
  unfollow();
  lifetime?.stop();
  forgetSecrets();
  const byMyself = !end || end.reason === 'logout' || end.reason === 'account_deleted';
  if (byMyself) {
    clearTimeline();
    notify(end?.reason === 'account_deleted' ? 'The account is deleted.' : 'You are signed out.');
  } else {
    const title =
      end.type === 'session.expired' ? 'This session has expired.' : 'You were signed out.';
    notify(title, end.type === 'session.expired' ? '' : endOf(end.reason), true);
  }
  showView();
  window.scrollTo({ top: 0 });
  byId('main').focus({ preventScroll: true });
  if (!byMyself) void adoptOtherSession();
};

/**
 * After a session has ended, another tab may have signed in, and this tab shares its cookies. If
 * none has, the cookies are cleared.
 */
const adoptOtherSession = async (): Promise<void> => {
  const user = await tryService(currentUser);
  if (user && !isSignedIn) showSignedIn(user);
  if (user === null) await call('POST', '/logout').catch(() => undefined);
};

/** Loads what the stream does not contain. */
const reload = async (): Promise<void> => {
  if (!isSignedIn) return;
  turnWheel(generation() ?? 0);
  byId('generation').textContent = `${generation() ?? '–'}`;
  await Promise.all([lifetime?.update(), loadDevices()]);
  // The session may have ended in the meantime.
  if (!isSignedIn) lifetime?.stop();
};

const ends = new Set<Entry['type']>(['session.revoked', 'session.expired']);
let reloading: ReturnType<typeof setTimeout> | undefined;

const onEntry = (entry: Entry): void => {
  if (ends.has(entry.type)) return showSignedOut(entry);
  clearTimeout(reloading);
  reloading = setTimeout(() => void tryService(reload), 50);
};

const listener = {
  history: (entries: readonly Entry[]): void => {
    setHistory(entries);
    showView();
    const end = entries.findLast(({ type }) => ends.has(type));
    if (end) showSignedOut(end);
    else void tryService(reload);
  },
  entry: (entry: Entry): void => {
    addEntry(entry);
    onEntry(entry);
  },
  onBroken: async (): Promise<boolean> => {
    const user = await tryService(currentUser);
    // Undefined means that the service does not respond. Then the user stays signed in.
    if (user === null) showSignedOut({ at: Date.now(), type: 'session.revoked', reason: 'unseen' });
    return isSignedIn;
  },
};

/** Runs requests to the service. While it does not respond, the page shows that. */
const tryService = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
  try {
    const done = await work();
    byId('offline').hidden = true;
    return done;
  } catch {
    byId('offline').hidden = false;
    return undefined;
  }
};

/** Returns null if nobody is signed in. @throws if the service fails */
const currentUser = async (): Promise<User | null> => {
  const request = (): Promise<Reply<User>> => call('GET', '/content');
  let reply = await request();
  if (reply.status === 401 && (await refreshPair())) reply = await request();
  if (reply.status >= 500) throw new Error('the service failed');
  return reply.ok ? reply.body : null;
};

/**
 * Whether this browser may be signed in. A page without script, which cannot write to the storage,
 * may have signed it in, or may have sent it here because its access cookie has expired.
 */
const maybeSignedIn = async (): Promise<boolean> => {
  if (localStorage.getItem(signedInKey) || location.hash === '#resume') return true;
  return (await call<{ authenticated: boolean }>('GET', '/session')).body.authenticated;
};

let isSetUp = false;

const setUp = async (): Promise<void> => {
  const { ok, body } = await call<Settings>('GET', '/settings');
  if (!ok || isSetUp) return;
  isSetUp = true;
  setCookieMode(body.cookies);
  showTextsFor(body.cookies);
  lifetime = createLifetime(body);
  hasExperiments = body.experiments;
  byId('code-section').hidden = !body.codes;
  if (hasExperiments) setUpExperiments(body);
};

const begin = async (): Promise<void> => {
  await tryService(setUp);
  if ((await tryService(maybeSignedIn)) === false) return showView();
  const user = await tryService(currentUser);
  if (user) return showSignedIn(user);
  if (user === null) localStorage.removeItem(signedInKey);
  else setTimeout(() => void begin(), 2_000);
  showView();
};

drawWheel();
setUpSignIn(showSignedIn);
setUpDevices();
setUpAccount(() =>
  showSignedOut({ at: Date.now(), type: 'session.revoked', reason: 'account_deleted' }),
);
onPress('refresh', async () => {
  await tryService(refresh);
});
onPress('sign-out', async () => {
  const reply = await tryService(() => call('POST', '/logout'));
  if (reply?.ok) showSignedOut();
});
setInterval(() => {
  if (isSignedIn && document.visibilityState === 'visible') void tryService(loadDevices);
}, devicesInterval);
void begin();
