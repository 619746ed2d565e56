import { HttpError } from './http-error.ts';
import { isForm, readForm } from './oauth/form.ts';
import { type HttpRequest, singleHeader } from './request.ts';

const jsonForm = /^application\/json[ \t]*(;[ \t]*charset=("utf-8"|utf-8)[ \t]*)?$/i;

/**
 * Reads one string field of a JSON body, or of a form as OAuth clients send it (RFC 6749 § 6).
 *
 * @throws what {@link readJsonField} and `readForm` throw
 */
export const readField = async (
  request: HttpRequest,
  field: string,
  limit: number,
): Promise<string | undefined> =>
  isForm(request)
    ? (await readForm(request, limit)).get(field)
    : readJsonField(request, field, limit);

/**
 * Reads one string field of a JSON body.
 *
 * @param limit of the body, in bytes
 * @returns undefined if there is no body, or no such field in it
 * @throws HttpError `ERR_MEDIA_TYPE`, `ERR_BODY_TOO_LARGE`, or `ERR_REQUEST_INVALID` for
 *   anything but a JSON object with a string in that field
 */
export const readJsonField = async (
  request: HttpRequest,
  field: string,
  limit: number,
): Promise<string | undefined> => {
  const type = singleHeader(request, 'content-type');
  const encoding = singleHeader(request, 'content-encoding');
  if (type !== undefined && (!jsonForm.test(type) || encoding !== undefined)) {
    throw new HttpError('ERR_MEDIA_TYPE', 'the body must be application/json');
  }
  const bytes = await request.body(limit);
  if (bytes === null) throw new HttpError('ERR_BODY_TOO_LARGE', 'the body is too large');
  if (bytes.length === 0) return undefined;
  if (type === undefined) throw new HttpError('ERR_MEDIA_TYPE', 'the body has no media type');
  const body = parseJson(bytes);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new HttpError('ERR_REQUEST_INVALID', 'the body must be a JSON object');
  }
  if (!Object.hasOwn(body, field)) return undefined;
  const value = (body as Record<string, unknown>)[field];
  if (typeof value !== 'string') {
    throw new HttpError('ERR_REQUEST_INVALID', `${field} must be a string`);
  }
  return value;
};

const utf8 = new TextDecoder('utf-8', { fatal: true });

const parseJson = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    // No `cause`: the parser's message repeats what was sent, which may be a token.
    throw new HttpError('ERR_REQUEST_INVALID', 'the body is not JSON');
  }
};
