import { errors, type Provider } from 'oidc-provider';
import { expiredNote, loginForm, sendPage } from './pages.ts';

type Middleware = Parameters<Provider['use']>[0];
type Context = Parameters<Middleware>[0];

/** In bytes. */
const formLimit = 2_048;

/** The provider's page to sign in and consent. */
export const loginPage =
  (provider: Provider, client: string, api: string): Middleware =>
  async (ctx, next) => {
    if (!ctx.path.startsWith('/interaction/')) return next();
    const details = await provider.interactionDetails(ctx.req, ctx.res).catch(nullIfExpired);
    if (!details) {
      ctx.status = 400;
      return sendPage(ctx, client, 'This sign-in has expired.', expiredNote(client));
    }
    const { session, params } = details;
    const user = session?.accountId;
    if (ctx.method !== 'POST') return sendPage(ctx, client, 'Sign in', loginForm(user));
    const accountId = user ?? nameOf(await formOf(ctx));
    if (accountId === null) return sendPage(ctx, client, 'Sign in', loginForm(user));
    const grant = new provider.Grant({ accountId, clientId: String(params['client_id']) });
    grant.addOIDCScope('openid offline_access');
    grant.addResourceScope(api, '');
    const result = { login: { accountId }, consent: { grantId: await grant.save() } };
    ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, result));
    ctx.status = 303;
  };

/** The page was finished before, or opened in another browser. */
const nullIfExpired = (error: unknown): null => {
  if (error instanceof errors.SessionNotFound) return null;
  throw error;
};

const formOf = async (ctx: Context): Promise<URLSearchParams> => {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of ctx.req as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > formLimit) ctx.throw(413);
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString());
};

const nameOf = (form: URLSearchParams): string | null => {
  const name = form.get('name')?.trim() ?? '';
  return name === '' || name.length > 64 ? null : name;
};
