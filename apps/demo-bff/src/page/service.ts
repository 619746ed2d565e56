/** A response of the service. If the service does not respond, the call throws. */
export interface Reply<Body> {
  readonly status: number;
  readonly ok: boolean;
  readonly body: Body;
}

/** The response of `GET /bff/session`. */
export type Session =
  | { readonly authenticated: false }
  | {
      readonly authenticated: true;
      readonly user_id: string;
      readonly upstream_expires_at: string | null;
    };

/** What the API returns about a call. */
export interface Me {
  readonly user: string;
  readonly token_id: string;
  readonly expires_at: string;
  readonly key: string;
}

/** Calls the BFF or, through it, the API. The header shows that a script of this page made the request. */
export const call = async <Body>(method: string, path: string): Promise<Reply<Body>> => {
  let response = await send(method, path);
  if (response.status === 409) {
    // The browser has a newer session cookie by now, and sends it with the next request.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    response = await send(method, path);
  }
  const text = await response.text();
  const body = (text === '' ? {} : JSON.parse(text)) as Body;
  return { status: response.status, ok: response.ok, body };
};

const send = (method: string, path: string): Promise<Response> =>
  fetch(path, { method, cache: 'no-store', headers: { 'X-BFF': '1' } });

/** @throws if the service fails */
export const getSession = async (): Promise<Session> => {
  const { ok, body } = await call<Session>('GET', '/bff/session');
  if (!ok) throw new Error('the service failed');
  return body;
};
