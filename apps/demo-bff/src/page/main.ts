import { forgetToken, setUpApi } from './api.ts';
import { byId, onPress } from './dom.ts';
import { showLifetime, stopLifetime } from './lifetime.ts';
import { connect, disconnect } from './live.ts';
import { askSession, call, type Session } from './service.ts';
import { forgetStory, tell } from './story.ts';

/** In ms: after that a service that did not answer is asked again. */
const pause = 1_000;

let isSignedIn = false;

const showView = (): void => {
  const state = isSignedIn ? 'signed-in' : 'signed-out';
  document.body.dataset['state'] = state;
  for (const view of document.querySelectorAll<HTMLElement>('[data-view]')) {
    const isStory = view.dataset['view'] === 'story';
    view.hidden = isStory
      ? byId('timeline').childElementCount === 0
      : view.dataset['view'] !== state;
  }
};

const signedIn = (user: string): void => {
  isSignedIn = true;
  forgetStory();
  forgetToken();
  byId('notice').hidden = true;
  byId('user-name').textContent = user;
  byId('user').textContent = user;
  tell('Signed in', 'The BFF keeps what the provider handed out; the cookie stands for it.');
  showView();
  byId('main').focus({ preventScroll: true });
  connect(async () => {
    await look();
    return isSignedIn;
  });
};

const endedElsewhere = (): void => {
  isSignedIn = false;
  disconnect();
  stopLifetime();
  tell('Signed out', 'The BFF has closed the WebSocket. The cookie is worth nothing now.', 'bad');
  byId('notice').hidden = false;
  showView();
  window.scrollTo({ top: 0 });
  byId('main').focus({ preventScroll: true });
};

const show = (session: Session): void => {
  if (session.authenticated && !isSignedIn) signedIn(session.user_id);
  else if (!session.authenticated && isSignedIn) endedElsewhere();
  else showView();
  if (session.authenticated && session.upstream_expires_at) {
    showLifetime(Date.parse(session.upstream_expires_at));
  }
};

let retry: ReturnType<typeof setTimeout> | undefined;

/** Asks who is signed in. A service that does not answer is no reason to leave. */
const look = async (): Promise<void> => {
  const session = await askSession().catch(() => null);
  byId('offline').hidden = session !== null;
  clearTimeout(retry);
  if (session) show(session);
  else retry = setTimeout(() => void look(), pause);
};

const signOut = async (): Promise<void> => {
  // Before it is closed by the session's end: that is nobody else's doing.
  disconnect();
  isSignedIn = false;
  const reply = await call<{ logout_url?: string }>('POST', '/bff/logout').catch(() => null);
  if (reply?.ok) location.assign(reply.body.logout_url ?? '/');
  else await look();
};

setUpApi(look);
onPress('sign-out', signOut);
// Another tab may have called the API meanwhile.
document.addEventListener('visibilitychange', () => void look());
void call<{ provider_sign_out: string }>('GET', '/settings').then(({ body }) => {
  byId<HTMLAnchorElement>('provider-sign-out').href = body.provider_sign_out;
});
void look();
