import { byId, whenPressed } from 'page-kit/dom';
import { forgetToken, setUpApi } from './api.ts';
import { lifetime } from './lifetime.ts';
import { connect, disconnect } from './live.ts';
import { call, getSession, type Session } from './service.ts';
import { addEntry, clearTimeline } from './story.ts';

/** In ms: how long to wait after the service did not respond. */
const retryDelay = 1_000;

let isSignedIn = false;

const showView = (): void => {
  const state = isSignedIn ? 'signed-in' : 'signed-out';
  document.body.dataset['state'] = state;
  for (const view of document.querySelectorAll<HTMLElement>('[data-view]')) {
    const isTimeline = view.dataset['view'] === 'story';
    view.hidden = isTimeline
      ? byId('timeline').childElementCount === 0
      : view.dataset['view'] !== state;
  }
};

const showSignedIn = (user: string): void => {
  isSignedIn = true;
  clearTimeline();
  forgetToken();
  byId('notice').hidden = true;
  byId('user-name').textContent = user;
  byId('user').textContent = user;
  addEntry('Signed in', 'The BFF keeps the provider’s tokens. The browser has one cookie.');
  showView();
  byId('main').focus({ preventScroll: true });
  connect(async () => {
    await checkSession();
    return isSignedIn;
  });
};

const showEnded = (): void => {
  isSignedIn = false;
  disconnect();
  lifetime.stop();
  addEntry('Signed out', 'The BFF has closed the WebSocket. The cookie is invalid now.', 'bad');
  byId('notice').hidden = false;
  showView();
  window.scrollTo({ top: 0 });
  byId('main').focus({ preventScroll: true });
};

const show = (session: Session): void => {
  if (session.authenticated && !isSignedIn) showSignedIn(session.user_id);
  else if (!session.authenticated && isSignedIn) showEnded();
  else showView();
  if (session.authenticated && session.upstream_expires_at) {
    lifetime.show(Date.parse(session.upstream_expires_at));
  }
};

let retry: ReturnType<typeof setTimeout> | undefined;

/** Checks who is signed in. If the service does not respond, the user stays signed in. */
const checkSession = async (): Promise<void> => {
  const session = await getSession().catch(() => null);
  byId('offline').hidden = session !== null;
  clearTimeout(retry);
  if (session) show(session);
  else retry = setTimeout(() => void checkSession(), retryDelay);
};

const signOut = async (): Promise<void> => {
  // First, because the end of the session closes it, which would look like a sign-out elsewhere.
  disconnect();
  isSignedIn = false;
  const reply = await call<{ logout_url?: string }>('POST', '/bff/logout').catch(() => null);
  if (reply?.ok) location.assign(reply.body.logout_url ?? '/');
  else await checkSession();
};

setUpApi(checkSession);
whenPressed(byId<HTMLButtonElement>('sign-out'), signOut);
// Another tab may have called the API while this one was hidden.
document.addEventListener('visibilitychange', () => void checkSession());
void call<{ provider_sign_out: string }>('GET', '/settings').then(({ body }) => {
  byId<HTMLAnchorElement>('provider-sign-out').href = body.provider_sign_out;
});
void checkSession();
