import { html, raw } from 'hono/html';

type Markup = ReturnType<typeof html>;

/** What an answer is put into: Koa's context, as far as a page needs it. */
export interface Answering {
  set(name: string, value: string): void;
  type: string;
  body: unknown;
}

/**
 * Answers a page of the provider's own. Nothing inline and no script; forms lead to the
 * provider, and from there by a redirect to the client, which counts as its target, too.
 */
export const answerPage = async (
  ctx: Answering,
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

/** @param user who is logged in at the provider already */
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
            <p class="hint">Any name will do: this login is for development.</p>`
        : html`<p>You are <strong>${user}</strong> here.</p>`
    }
    <div class="actions"><button>Sign in and agree</button></div>
  </form>
  <p class="hint">“BFF demo” then calls the API for you, and stays signed in by refresh tokens.</p>
`;

export const overNote = (client: string): Markup => html`
  <p>Nothing has happened. It can be begun anew.</p>
  <div class="actions"><a class="button" href="${client}">Back to the application</a></div>
`;

/** What the provider has to say of a request that it refuses. */
export const errorNote = (code: string, description: string | undefined): Markup =>
  html`<p>${code}${description === undefined ? '' : `: ${description}`}.</p>`;

/** @param form the provider's own, with what protects it from forgery */
export const logoutForm = (form: string): Markup => html`
  <p>Every application that you signed in to from here is told so.</p>
  ${raw(form)}
  <div class="actions">
    <button form="op.logoutForm" name="logout" value="yes">Sign me out</button>
    <button form="op.logoutForm" class="second">Stay signed in</button>
  </div>
`;

export const afterLogout: Markup = html`<p>The back channel has told the BFF. You can close this tab.</p>`;
