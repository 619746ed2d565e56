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

/** What one round has measured. */
export interface Round {
  /** In µs of wall time per request, at `concurrency` at once. */
  readonly micros: number;
  /** In µs of the proxy's processor per request. */
  readonly cpu: number;
}

const concurrency = 50;

/** What Firefox sends with a `fetch` of a page of the same origin. */
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

/** Sends the requests of a round, fifty at a time over connections that stay: to all the same ones. */
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
      const answer = await pool.request({ path, method, headers, body: payload });
      if (answer.statusCode !== 200) throw new Error(`${party.kind}: ${answer.statusCode}`);
      await answer.body.dump({ limit: 10_000_000 });
    }
  };
  const cpu = await party.cpu();
  const start = process.hrtime.bigint();
  await Promise.all(Array.from({ length: concurrency }, client));
  const micros = Number(process.hrtime.bigint() - start) / 1_000 / requests;
  return { micros, cpu: ((await party.cpu()) - cpu) / requests };
};

export const clientOf = (party: Party): Pool => new Pool(party.url, { connections: concurrency });
