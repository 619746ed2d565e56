import { html } from 'hono/html';
import { describeEntry } from '../page/story.ts';
import type { Entry } from '../timeline/entry.ts';

type Markup = ReturnType<typeof html>;

/** How many events the page shows. */
const maxEvents = 10;

/** A page without script, as markup. */
export const plainPage = async (title: string, ...content: readonly Markup[]): Promise<string> =>
  `${await html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · Pawl demo</title>
        <link rel="icon" href="/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/page.css" />
      </head>
      <body>
        <header class="bar">
          <div class="brand">
            <img src="/icon.svg" alt="" width="28" height="28" />
            <span>Pawl <small>demo, without script</small></span>
          </div>
        </header>
        <main class="scriptless">${content}</main>
        <footer>
          <p>
            This page contains no script: what it shows was known when it was requested. Reload it to
            see more. <a href="/#resume">The page with script</a> shows the same session.
          </p>
        </footer>
      </body>
    </html>`}`;

/** Who is logged in, and a form to log out. */
export const signedInCard = (name: string, explanation: string): Markup => html`
  <section class="card" aria-labelledby="title">
    <h1 id="title">You are ${name}.</h1>
    <p class="hint">${explanation}</p>
    <form method="post" action="/plain/logout">
      <button type="submit" class="second">Sign out</button>
    </form>
  </section>
`;

/** The newest events of the session. */
export const eventCard = (entries: readonly Entry[]): Markup => html`
  <section class="card" aria-labelledby="events-title">
    <h2 id="events-title">What happened</h2>
    <ol id="timeline">
      ${entries.slice(-maxEvents).toReversed().map(eventItem)}
    </ol>
  </section>
`;

const eventItem = (entry: Entry): Markup => {
  const { title, detail, tone } = describeEntry(entry, 1);
  const at = new Date(entry.at).toISOString();
  return html`
    <li class="${tone}">
      <time datetime="${at}">${at.slice(11, 19)} UTC</time>
      <p class="title">${title}</p>
      <p class="hint">${detail}</p>
    </li>
  `;
};

/** That the access cookie of a pair has expired. */
export const expiredCard = (): Markup => html`
  <section class="card" aria-labelledby="title">
    <h1 id="title">The access cookie has expired.</h1>
    <p class="hint">
      A script renews it with POST /refresh, which a page without script cannot call. With
      COOKIES=session there is nothing to renew.
    </p>
    <p class="actions"><a class="button" href="/#resume">Open the page with script</a></p>
  </section>
`;

/** A form to log in. @param problem why the last try has failed */
export const loginCard = (problem = ''): Markup => html`
  <section class="card" aria-labelledby="title">
    <h1 id="title">Nobody is logged in.</h1>
    <form method="post" action="/plain">
      <label for="username">Name</label>
      <input id="username" name="username" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="64" required />
      <label for="password">Password</label>
      <input id="password" name="password" type="password" autocomplete="current-password" maxlength="128" required />
      <p class="result bad" role="alert">${problem}</p>
      <div class="actions"><button type="submit">Sign in</button></div>
    </form>
    <p class="hint"><a href="/">The page with script</a> creates accounts.</p>
  </section>
`;
