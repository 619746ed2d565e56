/** What the service answered. */
export interface Reply {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The service cannot be reached, or does not speak as it should. */
class ServiceError extends Error {
  override readonly name = 'ServiceError';
}

export interface Question {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly json?: unknown;
  readonly accessToken?: string;
}

/** In ms. */
const patience = 15_000;

/** @throws ServiceError, which quotes nothing that was sent */
export const ask = async ({ method, url, json, accessToken }: Question): Promise<Reply> => {
  try {
    const response = await fetch(url, {
      method,
      headers: {
        accept: 'application/json',
        ...(json !== undefined && { 'content-type': 'application/json' }),
        ...(accessToken !== undefined && { authorization: `Bearer ${accessToken}` }),
      },
      ...(json !== undefined && { body: JSON.stringify(json) }),
      redirect: 'error',
      signal: AbortSignal.timeout(patience),
    });
    const text = await response.text();
    return {
      status: response.status,
      body: text === '' ? {} : (JSON.parse(text) as Reply['body']),
    };
  } catch {
    throw new ServiceError(`${url.origin} does not answer`);
  }
};

/** Why the service said no, in its own words. */
export const problemOf = ({ status, body }: Reply): string =>
  typeof body['message'] === 'string' ? body['message'] : `the service answered ${status}`;
