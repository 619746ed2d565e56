import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';

export interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  json<T = Record<string, unknown>>(): T;
}

/** Sends one request. `fetch` would set `Sec-Fetch-Mode` itself. */
export const exchange = async (
  url: string,
  { method = 'GET', headers = {}, body }: Sent = {},
): Promise<Answer> => {
  const sent = request(url, { method, headers: { ...headers, connection: 'close' } });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let text = '';
  response.setEncoding('utf8');
  for await (const chunk of response) text += chunk as string;
  const received = new Headers();
  for (const [name, values = []] of Object.entries(response.headersDistinct)) {
    for (const value of values) received.append(name, value);
  }
  return {
    status: response.statusCode ?? 0,
    headers: received,
    text,
    json: <T>() => JSON.parse(text) as T,
  };
};
