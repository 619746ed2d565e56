/** What the service answered. A service that does not answer is an error. */
export interface Reply<Body> {
  readonly status: number;
  readonly ok: boolean;
  readonly body: Body;
}

/** `GET /bff/session`. */
export type Session =
  | { readonly authenticated: false }
  | {
      readonly authenticated: true;
      readonly user_id: string;
      readonly upstream_expires_at: string | null;
    };

/** What the API tells of the call that it got. */
export interface Me {
  readonly user: string;
  readonly token_id: string;
  readonly expires_at: string;
  readonly key: string;
}

/** Calls the BFF or, through it, the API: the header tells it that a script of this page asks. */
export const call = async <Body>(method: string, path: string): Promise<Reply<Body>> => {
  const response = await fetch(path, { method, cache: 'no-store', headers: { 'X-BFF': '1' } });
  const text = await response.text();
  const body = (text === '' ? {} : JSON.parse(text)) as Body;
  return { status: response.status, ok: response.ok, body };
};

/** @throws where the service cannot tell */
export const askSession = async (): Promise<Session> => {
  const { ok, body } = await call<Session>('GET', '/bff/session');
  if (!ok) throw new Error('the service cannot tell');
  return body;
};
