import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Browser } from './browser.ts';
import { type Service, startService } from './service.ts';

let service: Service;
beforeEach(async () => {
  service = await startService();
});
afterEach(() => service.close());

/** Begins a login, as in another tab. Returns the URL of the callback, which is not visited yet. */
const begin = async (
  browser: Browser,
  path = '/deep',
  site: 'same-origin' | 'cross-site' = 'same-origin',
): Promise<string> => {
  const { origin } = service;
  const url = `${origin}/bff/login?returnTo=${encodeURIComponent(path)}`;
  const begun = await browser.visit(url, site);
  return browser.goUntil(begun.headers.get('location') as string, `${origin}/bff/callback`);
};

const finish = async (browser: Browser, url: string): Promise<string | null> => {
  const { status, headers } = await browser.visit(url, 'cross-site');
  expect(status).toBe(303);
  return headers.get('location');
};

const userOf = async (browser: Browser): Promise<unknown> => {
  const answer = await browser.call(`${service.origin}/bff/session`);
  return answer.json<{ user_id?: string }>().user_id;
};

const aliveCount = async (): Promise<number> => (await service.bff.sessions.list('ann')).length;

/** The names of the cookies of logins under way. */
const cookiesOf = async (browser: Browser): Promise<string[]> =>
  (await browser.jar.getCookies(`${service.origin}/bff/login`))
    .map(({ key }) => key)
    .filter((key) => key.startsWith('login-'));

describe('several tabs', () => {
  it('log in at once: both arrive, and one session is alive', async () => {
    const { browser, origin } = service;
    const urls = [await begin(browser, '/deep?1'), await begin(browser, '/deep?2')];
    expect(await finish(browser, urls[1] as string)).toBe(`${origin}/deep?2`);
    expect(await finish(browser, urls[0] as string)).toBe(`${origin}/deep?1`);
    expect(await userOf(browser)).toBe('ann');
    expect(await aliveCount()).toBe(1);
    expect(await cookiesOf(browser)).toEqual([]);
  });

  it('keep the newest five logins, and a sixth leads back to the application', async () => {
    const { browser, origin, pass } = service;
    const urls: string[] = [];
    for (let tab = 0; tab < 6; tab++) {
      urls.push(await begin(browser));
      pass(1_000);
    }
    expect(await cookiesOf(browser)).toHaveLength(5);
    expect(await finish(browser, urls[0] as string)).toBe(`${origin}/?error=login_failed`);
    expect(await finish(browser, urls[5] as string)).toBe(`${origin}/deep`);
    // Its login is gone, but the browser has a session now.
    expect(await finish(browser, urls[0] as string)).toBe(`${origin}/`);
    for (const url of urls.slice(1, 5)) expect(await finish(browser, url)).toBe(`${origin}/deep`);
    expect(await aliveCount()).toBe(1);
  });

  it('never have more cookies than a server accepts', async () => {
    const { browser } = service;
    for (let tab = 0; tab < 6; tab++) {
      await begin(browser, `/deep?${'x'.repeat(2_000)}`);
      await begin(browser, `/deep?${'x'.repeat(2_000)}`, 'cross-site');
    }
    const text = await browser.jar.getCookieString(`${service.origin}/bff/login`);
    expect(text.length).toBeLessThan(6_500);
  });
});

describe('a callback', () => {
  it('that is loaded again, also without the session cookie, leads to where the login began', async () => {
    const { browser, origin, provider } = service;
    const url = await begin(browser);
    for (let time = 0; time < 3; time++) expect(await finish(browser, url)).toBe(`${origin}/deep`);
    expect(provider.grants.get('authorization_code')).toBe(1);
    expect(provider.refused()).toBe(0);
    expect(await aliveCount()).toBe(1);
    expect(await userOf(browser)).toBe('ann');
  });

  it('whose response was lost begins the login again, and ends the session of the lost response', async () => {
    const { browser, origin, provider } = service;
    const url = await begin(browser);
    const before = await browser.jar.serialize();
    await finish(browser, url);
    const [lost] = await service.bff.sessions.list('ann');
    // As if the browser had received none of the cookies.
    await browser.jar.removeAllCookies();
    for (const { key, value } of before.cookies) {
      if (key?.startsWith('login-')) {
        await browser.jar.setCookie(`${key}=${value}; Path=/; SameSite=Lax`, origin);
      }
    }
    const visit = await browser.go(url, provider.issuer);
    expect(visit.url).toBe(`${origin}/deep`);
    expect(await userOf(browser)).toBe('ann');
    expect(provider.refused()).toBe(0);
    await expect(service.bff.sessions.get(lost?.sessionId ?? '')).rejects.toMatchObject({
      reason: 'replaced',
    });
    expect(await aliveCount()).toBe(1);
  });

  it('that two requests carry at once exchanges the code once', async () => {
    const { browser, origin, provider } = service;
    const url = await begin(browser);
    const answers = await Promise.all([1, 2, 3].map(() => finish(browser, url)));
    expect(answers.filter((to) => to === `${origin}/deep`)).toHaveLength(1);
    expect(provider.grants.get('authorization_code')).toBe(1);
    expect(provider.refused()).toBe(0);
  });

  it('that comes too late leads to the application', async () => {
    const { browser, origin, pass } = service;
    const url = await begin(browser);
    pass(600_000);
    expect(await finish(browser, url)).toBe(`${origin}/?error=login_failed`);
  });

  it('during an outage of the provider works when it is loaded again', async () => {
    const { browser, origin, provider } = service;
    const url = await begin(browser);
    provider.trouble.push({ status: 500, body: '' });
    expect((await browser.visit(url, 'cross-site')).status).toBe(503);
    expect(await finish(browser, url)).toBe(`${origin}/deep`);
  });
});

describe('a page of another site that navigates to the login', () => {
  it('leaves one session, whatever it repeats, and a logout ends it', async () => {
    const { browser, origin, login } = service;
    const first = await login();
    for (let time = 0; time < 5; time++) {
      expect((await browser.go(`${origin}/bff/login`, 'https://evil.example')).status).toBe(200);
    }
    await expect(service.bff.sessions.get(first)).rejects.toMatchObject({ reason: 'replaced' });
    expect(await aliveCount()).toBe(1);
    await browser.call(`${origin}/bff/logout`, { method: 'POST' });
    expect(await aliveCount()).toBe(0);
  });

  it('changes nothing before the callback', async () => {
    const { browser, login, bff } = service;
    const first = await login();
    await begin(browser, '/', 'cross-site');
    await bff.sessions.get(first);
    expect(await userOf(browser)).toBe('ann');
  });

  it('begins many at once: still one session at the end', async () => {
    const { browser } = service;
    await service.login();
    const urls = [await begin(browser, '/', 'cross-site'), await begin(browser, '/', 'cross-site')];
    for (const url of urls) await finish(browser, url);
    expect(await aliveCount()).toBe(1);
  });

  it('does not push out the logins that the user began', async () => {
    const { browser, origin, pass } = service;
    const url = await begin(browser);
    for (let time = 0; time < 8; time++) {
      pass(1_000);
      await begin(browser, `/deep?${'x'.repeat(1_900)}`, 'cross-site');
    }
    expect(await finish(browser, url)).toBe(`${origin}/deep`);
  });
});

it('with a limit, another site does not end the user’s other devices', async () => {
  await service.close();
  service = await startService({ options: { limit: { max: 2, policy: 'evict_oldest' } } });
  const { browser, origin, open, login } = service;
  const device = await login(open());
  await login(browser);
  for (let time = 0; time < 4; time++) {
    await browser.go(`${origin}/bff/login`, 'https://evil.example');
  }
  await service.bff.sessions.get(device);
  expect(await aliveCount()).toBe(2);
});

it('PX-09: strangers who only begin a login, or invent a callback, write nothing', async () => {
  let writes = 0;
  service.breakStore(() => {
    writes += 1;
    return false;
  });
  for (let time = 0; time < 20; time++) {
    const stranger = service.open();
    await stranger.visit(`${service.origin}/bff/login`);
    const state = 'x'.repeat(43);
    await stranger.visit(`${service.origin}/bff/callback?state=${state}&code=y`, 'cross-site');
  }
  expect(writes).toBe(0);
});

it('PX-09: an invented code leaves nothing in the store', async () => {
  const kept = new Set<string>();
  const { singleUse } = service.store;
  await service.close();
  service = await startService({
    store: {
      ...service.store,
      singleUse: {
        put: async (key, ...rest) => {
          kept.add(key);
          return singleUse.put(key, ...rest);
        },
        take: async (key, ...rest) => {
          kept.delete(key);
          return singleUse.take(key, ...rest);
        },
        deleteExpired: () => singleUse.deleteExpired(),
      },
    },
  });
  const url = new URL(await begin(service.browser));
  url.searchParams.set('code', 'invented');
  await finish(service.browser, url.href);
  expect(kept.size).toBe(0);
});
