import Bowser from 'bowser';
import { call, problemOf } from './api.ts';
import { byId, element, onPress, say, whenPressed } from './dom.ts';

interface ListedSession {
  readonly id: string;
  readonly user_agent: string | null;
  readonly ip: string | null;
  readonly created_at: string;
  readonly last_active_at: string;
  readonly current: boolean;
}

/** Shows the user's sessions. */
export const loadDevices = async (): Promise<void> => {
  const reply = await call<ListedSession[]>('GET', '/sessions');
  if (!reply.ok) return;
  const sessions = reply.body.toSorted((a, b) => Number(b.current) - Number(a.current));
  const active = document.activeElement;
  const focused = active?.closest<HTMLElement>('#devices li')?.dataset['id'];
  const others = byId('revoke-others');
  byId('devices').replaceChildren(...sessions.map(deviceItem));
  others.hidden = sessions.length < 2;
  // A button that is drawn again or removed must not take the focus away from the keyboard.
  if (focused !== undefined || (others.hidden && active === others)) {
    const button = byId('devices').querySelector<HTMLElement>(`[data-id="${focused}"] button`);
    (button ?? byId('devices-title')).focus();
  }
};

export const setUpDevices = (): void => {
  onPress('revoke-others', async () => {
    const reply = await call('DELETE', '/sessions?except=current');
    say(
      'devices-result',
      reply.ok ? 'All other devices are signed out.' : problemOf(reply),
      !reply.ok,
    );
    await loadDevices();
  });
};

const deviceItem = (session: ListedSession): HTMLLIElement => {
  const { browser, system, kind } = describeAgent(session.user_agent);
  const title = element('p', 'title', `${browser}${system ? ` on ${system}` : ''} `);
  if (session.current) title.append(element('span', 'badge', 'this device'));
  const seen = session.current ? 'Active now' : `Last active ${ago(session.last_active_at)}`;
  const details = `${seen} · signed in ${ago(session.created_at)}${session.ip ? ` · ${place(session.ip)}` : ''}`;
  const item = element(
    'li',
    '',
    icon(kind),
    element('div', 'what', title, element('p', 'hint', details)),
  );
  item.dataset['id'] = session.id;
  if (!session.current) item.append(revokeButton(session.id, browser));
  return item;
};

const revokeButton = (id: string, browser: string): HTMLButtonElement => {
  const button = element('button', 'quiet danger', 'Sign out');
  button.type = 'button';
  button.setAttribute('aria-label', `Sign out ${browser}`);
  whenPressed(button, async () => {
    const reply = await call('DELETE', `/sessions/${id}`);
    const gone = reply.ok || reply.status === 404;
    say('devices-result', gone ? 'That device is signed out.' : problemOf(reply), !gone);
    await loadDevices();
  });
  return button;
};

type Kind = 'desktop' | 'mobile' | 'program';

/** Describes a user agent. */
const describeAgent = (
  userAgent: string | null,
): { readonly browser: string; readonly system: string; readonly kind: Kind } => {
  if (!userAgent) return { browser: 'A program', system: '', kind: 'program' };
  const { browser, os, platform } = Bowser.parse(userAgent);
  if (!os.name) {
    return { browser: userAgent.split(/[/ ]/)[0] ?? 'A program', system: '', kind: 'program' };
  }
  return {
    browser: browser.name ?? 'A browser',
    system: os.name,
    kind: platform.type === 'mobile' || platform.type === 'tablet' ? 'mobile' : 'desktop',
  };
};

const place = (ip: string): string => (/^(127\.|::1$|::ffff:127\.)/.test(ip) ? 'this machine' : ip);

const units = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

const ago = (time: string): string => {
  const seconds = (Date.now() - Date.parse(time)) / 1_000;
  for (const [unit, length] of units) {
    if (seconds >= length) return relative.format(-Math.floor(seconds / length), unit);
  }
  return 'just now';
};

const svg = 'http://www.w3.org/2000/svg';
const shapes: Readonly<Record<Kind, string>> = {
  desktop: 'M3 5h18v11H3zM9 20h6M12 16v4',
  mobile: 'M8 3h8a1 1 0 0 1 1 1v16a1 1 0 0 1-1 1H8a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1zM11 18h2',
  program: 'M3 5h18v14H3zM7 10l3 2.5L7 15M12 15h4',
};

const icon = (kind: Kind): SVGElement => {
  const drawing = document.createElementNS(svg, 'svg');
  drawing.setAttribute('viewBox', '0 0 24 24');
  drawing.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(svg, 'path');
  path.setAttribute('d', shapes[kind]);
  drawing.append(path);
  return drawing;
};
