import { html, raw } from 'hono/html';

type Markup = ReturnType<typeof html>;

/** The part of Koa's context that a page needs. */
export interface PageContext {
  set(name: string, value: string): void;
  type: string;
  body: unknown;
}

/**
 * Sends a page of the provider, without scripts and inline content. Forms post to the provider,
 * which redirects to the client: browsers check `form-action` for that redirect, too.
 */
export const sendPage = async (
  ctx: PageContext,
  client: string,
  title: string,
  content: Markup,
): Promise<void> => {
  ctx.set(
    'content-security-policy',
    `default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self' ${client}; base-uri 'none'; frame-ancestors 'none'`,
  );
  ctx.set('x-content-type-options', 'nosniff');
  ctx.set('referrer-policy', 'no-referrer');
  ctx.set('cache-control', 'no-store');
  ctx.type = 'html';
  const page = await html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <link rel="icon" href="/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/provider.css" />
      </head>
      <body class="provider">
        <main class="card">
          <p class="badge">The OpenID Connect provider</p>
          <h1>${title}</h1>
          ${content}
        </main>
      </body>
    </html>`;
  ctx.body = page.toString();
};

/** @param user the user who is already logged in at the provider */
export const loginForm = (user: string | undefined): Markup => html`
  <form method="post">
    ${
      user === undefined
        ? html`<label for="name">Name</label>
            <input
              id="name"
              name="name"
              value="ann"
              autocomplete="username"
              autocapitalize="none"
              spellcheck="false"
              maxlength="64"
              required
            />
            <p class="hint">Enter any name: this login is for development.</p>`
        : html`<p>You are signed in here as <strong>${user}</strong>.</p>`
    }
    <div class="actions"><button>Sign in and agree</button></div>
  </form>
  <p class="hint">“BFF demo” can then call the API for you, and stays signed in with refresh tokens.</p>
`;

export const expiredNote = (client: string): Markup => html`
  <p>Start again from the application.</p>
  <div class="actions"><a class="button" href="${client}">Back to the application</a></div>
`;

/** The text of a request that the provider refuses. */
export const errorNote = (code: string, description: string | undefined): Markup =>
  html`<p>${code}${description === undefined ? '' : `: ${description}`}.</p>`;

/** @param form the provider's form, with its protection against forgery */
export const logoutForm = (form: string): Markup => html`
  <p>Every application that you signed in to from here is notified.</p>
  ${raw(form)}
  <div class="actions">
    <button form="op.logoutForm" name="logout" value="yes">Sign me out</button>
    <button form="op.logoutForm" class="second">Stay signed in</button>
  </div>
`;

export const afterLogout: Markup = html`<p>The provider has notified the BFF by its back channel. You can close this tab.</p>`;
