import { Pool } from 'undici';
import type { Party } from './party.ts';

/** One kind of traffic. */
export interface Traffic {
  readonly title: string;
  readonly path: string;
  readonly method: 'GET' | 'POST';
  /** In bytes. */
  readonly body: number;
  readonly requests: number;
}

/** The result of one round. */
export interface Round {
  /** Wall time per request at 50 requests in parallel, in µs. */
  readonly micros: number;
  /** Processor time of the proxy per request, in µs. */
  readonly cpu: number;
}

const concurrency = 50;

/** The headers that Firefox sends with a same-origin `fetch`. */
const browserHeaders = {
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  accept: '*/*',
  'accept-language': 'en-US,en;q=0.5',
  'accept-encoding': 'gzip, deflate, br, zstd',
  referer: 'http://localhost:8080/',
  'sec-fetch-dest': 'empty',
  'sec-fetch-mode': 'cors',
  'sec-fetch-site': 'same-origin',
  priority: 'u=4',
};

/** Sends the requests of a round, 50 in parallel over persistent connections. */
export const runRound = async (
  party: Party,
  pool: Pool,
  traffic: Traffic,
  cookie: string,
): Promise<Round> => {
  const { path, method, body, requests } = traffic;
  const payload = body > 0 ? Buffer.alloc(body, 'x') : null;
  const headers = {
    ...browserHeaders,
    cookie,
    ...(payload && { 'content-type': 'application/json', origin: 'http://localhost:8080' }),
  };
  let left = requests;
  const client = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const response = await pool.request({ path, method, headers, body: payload });
      if (response.statusCode !== 200) throw new Error(`${party.kind}: ${response.statusCode}`);
      await response.body.dump({ limit: 10_000_000 });
    }
  };
  const cpu = await party.cpu();
  const start = process.hrtime.bigint();
  await Promise.all(Array.from({ length: concurrency }, client));
  const micros = Number(process.hrtime.bigint() - start) / 1_000 / requests;
  return { micros, cpu: ((await party.cpu()) - cpu) / requests };
};

export const clientOf = (party: Party): Pool => new Pool(party.url, { connections: concurrency });
