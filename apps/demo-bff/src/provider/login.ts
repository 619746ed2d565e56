import { errors, type Provider } from 'oidc-provider';
import { answerPage, loginForm, overNote } from './pages.ts';

type Middleware = Parameters<Provider['use']>[0];
type Context = Parameters<Middleware>[0];

/** In bytes. */
const formLimit = 2_048;

/** The one page of the provider's where its user says who they are, and agrees. */
export const loginPage =
  (provider: Provider, client: string, api: string): Middleware =>
  async (ctx, next) => {
    if (!ctx.path.startsWith('/interaction/')) return next();
    const details = await provider.interactionDetails(ctx.req, ctx.res).catch(nullIfOver);
    if (!details) {
      ctx.status = 400;
      return answerPage(ctx, client, 'This sign-in is over.', overNote(client));
    }
    const { session, params } = details;
    const user = session?.accountId;
    if (ctx.method !== 'POST') return answerPage(ctx, client, 'Sign in', loginForm(user));
    const accountId = user ?? nameOf(await formOf(ctx));
    if (accountId === null) return answerPage(ctx, client, 'Sign in', loginForm(user));
    const grant = new provider.Grant({ accountId, clientId: String(params['client_id']) });
    grant.addOIDCScope('openid offline_access');
    grant.addResourceScope(api, '');
    const result = { login: { accountId }, consent: { grantId: await grant.save() } };
    ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, result));
    ctx.status = 303;
  };

/** Somebody came back to a page that they had been at, or from another browser. */
const nullIfOver = (error: unknown): null => {
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
