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

const send = async (method: string, path: string, body?: unknown): Promise<Response> =>
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

/**
 * Requests new tokens, which are sent in cookies. It needs no lock against other tabs: if two
 * refresh at the same time, both receive the same tokens.
 */
export const refresh = async (): Promise<Reply> => {
  const response = await send('POST', '/refresh');
  if (response.status !== 409) return read(response);
  // This request came late, and another tab has received a newer cookie by now.
  await pause(1_000 * Number(response.headers.get('retry-after') ?? 1));
  return read(await send('POST', '/refresh'));
};

/** Calls the service. If the access token has expired, it refreshes and calls once more. */
export const call = async <Body = unknown>(
  method: string,
  path: string,
  body?: unknown,
): Promise<Reply<Body>> => {
  const reply = await read<Body>(await send(method, path, body));
  if (!isOutdated(reply) || !(await refresh()).ok) return reply;
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
