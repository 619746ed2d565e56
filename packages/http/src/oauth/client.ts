import { HttpError } from '../http-error.ts';
import { type HttpRequest, singleHeader } from '../request.ts';
import { respondToErrors } from '../respond-to-errors.ts';
import type { HttpResponse } from '../response.ts';
import type { AnyHttpSettings } from '../settings.ts';
import { readForm } from './form.ts';
import type { OAuthSettings } from './options.ts';

/**
 * Authenticates the client and runs the work for the token of its form.
 *
 * The client authenticates by HTTP Basic or in the form (RFC 6749 § 2.3.1), not both.
 */
export const handleForClient = (
  settings: AnyHttpSettings,
  { authenticate }: OAuthSettings,
  request: HttpRequest,
  work: (token: string, clientId: string) => Promise<HttpResponse>,
): Promise<HttpResponse> =>
  respondToErrors(settings, async () => {
    const form = await readForm(request, settings.bodyLimit);
    const [clientId, secret] = credentials(request, form);
    // A callback in JavaScript may return anything: only `true` accepts the client.
    if ((await authenticate(clientId, secret)) !== true) throw unknownClient();
    const token = form.get('token');
    if (!token) throw new HttpError('ERR_REQUEST_INVALID', 'the parameter token is missing');
    return work(token, clientId);
  });

const unknownClient = (): HttpError =>
  new HttpError('ERR_CLIENT_INVALID', 'the client could not be authenticated');

const credentials = (
  request: HttpRequest,
  form: ReadonlyMap<string, string>,
): readonly [clientId: string, secret: string] => {
  const header = singleHeader(request, 'authorization');
  const [id, secret] = [form.get('client_id'), form.get('client_secret')];
  if (header === undefined) {
    if (!id || !secret) throw unknownClient();
    return [id, secret];
  }
  if (secret !== undefined) {
    throw new HttpError('ERR_REQUEST_INVALID', 'the client authenticates in two ways');
  }
  const basic = readBasic(header);
  if (!basic || (id !== undefined && id !== basic[0])) throw unknownClient();
  return basic;
};

/** Reads id and secret, each encoded like a value of a form before they were joined. */
const readBasic = (header: string): readonly [string, string] | null => {
  const encoded = /^basic +([A-Za-z\d+/]+=*)$/i.exec(header)?.[1];
  if (encoded === undefined) return null;
  try {
    const bytes = Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0));
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const colon = text.indexOf(':');
    const [id, secret] = [text.slice(0, colon), text.slice(colon + 1)].map(decodeForm);
    return colon > 0 && id && secret ? [id, secret] : null;
  } catch {
    return null;
  }
};

const decodeForm = (text: string): string => decodeURIComponent(text.replaceAll('+', ' '));
