import { CookieJar } from 'tough-cookie';
import { type Answer, exchange, type Sent } from './exchange.ts';

/** A browser without scripts. It keeps cookies, follows redirects and fills in the provider's forms. */
export interface Browser {
  readonly jar: CookieJar;
  /** Navigates to a page, like a click on a page of `from`. Returns the last page. */
  go(url: string, from?: string): Promise<Visit>;
  /** The same, but stops before a URL that begins with `end`. */
  goUntil(url: string, end: string): Promise<string>;
  /** The same without following redirects. Returns one response. */
  visit(url: string, site?: 'same-origin' | 'cross-site'): Promise<Answer>;
  /** Sends a request like a script of the page: with the header, and from the page's origin. */
  call(url: string, sent?: Sent): Promise<Answer>;
  /** The headers and bodies of all responses of the BFF. */
  readonly seen: string[];
}

export interface Visit {
  readonly url: string;
  readonly status: number;
  readonly text: string;
  /** The URLs on the way. */
  readonly path: readonly string[];
}

export const openBrowser = (origin: string, user = 'ann'): Browser => {
  const jar = new CookieJar();
  const seen: string[] = [];
  const send = async (url: string, sent: Sent, sameSite: 'strict' | 'lax'): Promise<Answer> => {
    const cookie = await jar.getCookieString(url, { sameSiteContext: sameSite });
    const headers = { ...(cookie && { cookie }), ...sent.headers };
    const answer = await exchange(url, { ...sent, headers });
    for (const line of answer.headers.getSetCookie()) await jar.setCookie(line, url);
    if (url.startsWith(origin)) seen.push(JSON.stringify([...answer.headers]), answer.text);
    return answer;
  };

  const navigation = (url: string, site: 'same-origin' | 'cross-site'): Promise<Answer> =>
    send(
      url,
      {
        headers: {
          'sec-fetch-site': site,
          'sec-fetch-mode': 'navigate',
          'sec-fetch-dest': 'document',
        },
      },
      site === 'cross-site' ? 'lax' : 'strict',
    );

  /** Fills in and submits the form of a page: logs in, or consents. */
  const fillIn = async (page: string, url: string): Promise<string | null> => {
    const action = /<form[^>]*action="([^"]+)"/.exec(page)?.[1];
    if (!action) return null;
    const fields = new URLSearchParams();
    for (const [input] of page.matchAll(/<input[^>]*>/g)) {
      const name = /name="([^"]+)"/.exec(input)?.[1];
      if (name) fields.set(name, /value="([^"]*)"/.exec(input)?.[1] ?? '');
    }
    if (fields.has('login')) fields.set('login', user);
    if (page.includes('name="logout"')) fields.set('logout', 'yes');
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const sent = { method: 'POST', body: fields.toString(), headers };
    const answer = await send(new URL(action, url).href, sent, 'strict');
    return answer.headers.get('location');
  };

  const walk = async (start: string, from: string, end?: string): Promise<Visit> => {
    let url = start;
    let crossSite = new URL(start).origin !== from;
    const path: string[] = [];
    for (let hop = 0; hop < 20; hop++) {
      if (end !== undefined && url.startsWith(end)) return { url, status: 0, text: '', path };
      path.push(url);
      const answer = await navigation(url, crossSite ? 'cross-site' : 'same-origin');
      let next = answer.headers.get('location');
      if (next === null && !url.startsWith(origin)) next = await fillIn(answer.text, url);
      if (next === null) return { url, status: answer.status, text: answer.text, path };
      const target = new URL(next, url);
      // After a redirect to another site the whole navigation counts as cross-site.
      crossSite ||= target.origin !== from;
      url = target.href;
    }
    throw new Error(`the redirects do not end: ${path.join(' ')}`);
  };

  return {
    jar,
    seen,
    visit: (url, site = 'same-origin') => navigation(url, site),
    go: (start, from = origin) => walk(start, from),
    goUntil: async (start, end) => (await walk(start, origin, end)).url,
    call: (url, sent = {}) =>
      send(
        url,
        {
          ...sent,
          headers: { 'x-bff': '1', 'sec-fetch-site': 'same-origin', origin, ...sent.headers },
        },
        'strict',
      ),
  };
};
