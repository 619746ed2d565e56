/** What the service answered. A service that does not answer is an error. */
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

export const pause = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));

/**
 * Asks for new tokens, which come and go in cookies. No lock keeps other tabs from
 * doing the same at this moment: whoever comes second gets what the first one got.
 */
export const refresh = async (): Promise<Reply> => {
  const response = await send('POST', '/refresh');
  if (response.status !== 409) return read(response);
  // A straggler: another tab has the newer cookie by now.
  await pause(1_000 * Number(response.headers.get('retry-after') ?? 1));
  return read(await send('POST', '/refresh'));
};

/** Calls the service; where the access token was too old, once more with a new one. */
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

/** Why it was refused, for a reader. */
export const problemOf = ({ status, body }: Reply): string => {
  const { message } = body as Problem;
  if (!message) return `The service answered ${status}.`;
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
};
