import { CookieJar } from 'tough-cookie';
import { type Answer, exchange, type Sent } from './exchange.ts';

/** A browser without scripts: it keeps cookies, follows redirects and fills in the provider's forms. */
export interface Browser {
  readonly jar: CookieJar;
  /** Goes to a page, as a click on a page of `from` would; answers where it ended. */
  go(url: string, from?: string): Promise<Visit>;
  /** The same, but stops before it would go to an address that begins so. */
  goUntil(url: string, end: string): Promise<string>;
  /** The same without following: one answer. */
  visit(url: string, site?: 'same-origin' | 'cross-site'): Promise<Answer>;
  /** What a script of the page does: with the header, and from the page's own origin. */
  call(url: string, sent?: Sent): Promise<Answer>;
  /** Every answer that came from the BFF: its headers, and its body. */
  readonly seen: string[];
}

export interface Visit {
  readonly url: string;
  readonly status: number;
  readonly text: string;
  /** All that it was led through. */
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

  /** Fills the one form of a page in and sends it: logs in, agrees. */
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
      // A redirect that has left the site makes the whole navigation another site's.
      crossSite ||= target.origin !== from;
      url = target.href;
    }
    throw new Error(`the browser is led in circles: ${path.join(' ')}`);
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
