/** A response of the service. */
export interface Reply {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The service cannot be reached, or its response is not JSON. */
class ServiceError extends Error {
  override readonly name = 'ServiceError';
}

export interface ServiceRequest {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly json?: unknown;
  readonly accessToken?: string;
}

/** In ms. */
const timeout = 15_000;

/** Sends a request to the service. @throws ServiceError, which quotes nothing that was sent */
export const sendRequest = async ({
  method,
  url,
  json,
  accessToken,
}: ServiceRequest): Promise<Reply> => {
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
      signal: AbortSignal.timeout(timeout),
    });
    const text = await response.text();
    return {
      status: response.status,
      body: text === '' ? {} : (JSON.parse(text) as Reply['body']),
    };
  } catch {
    throw new ServiceError(`${url.origin} does not respond`);
  }
};

/** Returns why the service refused a request, in its own words. */
export const problemOf = ({ status, body }: Reply): string =>
  typeof body['message'] === 'string' ? body['message'] : `the service responded with ${status}`;
