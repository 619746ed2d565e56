import { HttpError } from '../http-error.ts';
import { type HttpRequest, singleHeader } from '../request.ts';

const formType =
  /^application\/x-www-form-urlencoded[ \t]*(;[ \t]*charset=("utf-8"|utf-8)[ \t]*)?$/i;

/** Whether the body of a request is a form. */
export const isForm = (request: HttpRequest): boolean =>
  formType.test(singleHeader(request, 'content-type') ?? '');

/**
 * Reads the form of a body. No parameter may be in it twice (RFC 6749 § 3.2).
 *
 * @throws HttpError `ERR_MEDIA_TYPE`, `ERR_BODY_TOO_LARGE`, `ERR_REQUEST_INVALID`
 */
export const readForm = async (
  request: HttpRequest,
  limit: number,
): Promise<ReadonlyMap<string, string>> => {
  const encoding = singleHeader(request, 'content-encoding');
  if (!isForm(request) || encoding !== undefined) {
    throw new HttpError('ERR_MEDIA_TYPE', 'the body must be a form');
  }
  const bytes = await request.body(limit);
  if (bytes === null) throw new HttpError('ERR_BODY_TOO_LARGE', 'the body is too large');
  const form = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(new TextDecoder().decode(bytes))) {
    if (form.has(name)) throw new HttpError('ERR_REQUEST_INVALID', 'a parameter was sent twice');
    form.set(name, value);
  }
  return form;
};
