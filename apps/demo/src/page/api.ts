/** A response of the service. If the service does not respond, the call throws. */
export interface Reply<Body = unknown> {
  readonly ok: boolean;
  readonly status: number;
  readonly body: Body;
}

interface Problem {
  readonly error?: string;
  readonly message?: string;
}

/** How the tokens of this page travel: see the README of the demo. */
export type CookieMode = 'pair' | 'session';

let cookieMode: CookieMode = 'pair';

/** Sets what the service is configured with. */
export const setCookieMode = (mode: CookieMode): void => {
  cookieMode = mode;
};

const sendOnce = async (method: string, path: string, body?: unknown): Promise<Response> =>
  fetch(path, {
    method,
    cache: 'no-store',
    ...(body !== undefined && {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  });

const read = async <Body>(response: Response): Promise<Reply<Body>> => {
  const text = await response.text();
  const body = (text === '' ? {} : JSON.parse(text)) as Body;
  return { ok: response.ok, status: response.status, body };
};

export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));

/** Sends a request. If it came late, because another tab has a newer cookie, it is sent again. */
const send = async (method: string, path: string, body?: unknown): Promise<Response> => {
  const response = await sendOnce(method, path, body);
  const seconds = response.headers.get('retry-after');
  if (response.status !== 409 || seconds === null) return response;
  await pause(1_000 * Number(seconds));
  return sendOnce(method, path, body);
};

/**
 * Requests new tokens, which are sent in cookies. It needs no lock against other tabs: if two
 * refresh at the same time, both receive the same tokens.
 */
export const refresh = async (): Promise<Reply> => read(await send('POST', '/refresh'));

/** Refreshes the tokens of a pair. A session cookie needs nothing: any response may bring the next. */
export const refreshPair = async (): Promise<boolean> =>
  cookieMode === 'pair' && (await refresh()).ok;

/** Calls the service. If the access token of a pair has expired, it refreshes and calls once more. */
export const call = async <Body = unknown>(
  method: string,
  path: string,
  body?: unknown,
): Promise<Reply<Body>> => {
  const reply = await read<Body>(await send(method, path, body));
  if (!isOutdated(reply) || !(await refreshPair())) return reply;
  return read<Body>(await send(method, path, body));
};

const outdated = new Set(['token_expired', 'invalid_token']);

const isOutdated = ({ status, body }: Reply): boolean =>
  status === 401 && outdated.has((body as Problem).error ?? '');

/** Returns why a call was refused, as a sentence. */
export const problemOf = ({ status, body }: Reply): string => {
  const { message } = body as Problem;
  if (!message) return `The service responded with ${status}.`;
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
};
