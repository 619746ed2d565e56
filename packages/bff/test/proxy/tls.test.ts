import { once } from 'node:events';
import { generate } from 'selfsigned';
import { beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { origin, type Setting, setUp, upstreamToken } from './setting.ts';

interface Pair {
  readonly key: string;
  readonly cert: string;
}

/** A self-signed certificate. */
const certify = async (ip: string): Promise<Pair> => {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'API' }], {
    keyType: 'ec',
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip }] },
    ],
  });
  return { key, cert };
};

let api: Pair;
let elsewhere: Pair;
let client: Pair;

beforeAll(async () => {
  [api, elsewhere, client] = (await Promise.all(
    ['127.0.0.1', '192.0.2.1', '192.0.2.2'].map(certify),
  )) as [Pair, Pair, Pair];
});

/** The responses to a request and to a handshake. */
const statuses = async (setting: Setting): Promise<[number, number | string]> => {
  const { cookie } = await setting.logIn();
  const { statusCode, body } = await setting.send('/api', { headers: { cookie } });
  await body.dump();
  const url = `ws://127.0.0.1:${setting.port}/ws/echo`;
  const socket = new WebSocket(url, { origin, headers: { cookie } });
  const refused = once(socket, 'unexpected-response').then(
    ([request, response]: { statusCode: number; destroy: () => void }[]) => {
      request?.destroy();
      return response?.statusCode ?? 0;
    },
  );
  const echoed = once(socket, 'open').then(async () => {
    socket.send('hello');
    const [data] = (await once(socket, 'message')) as [Buffer];
    socket.terminate();
    return data.toString();
  });
  return [statusCode, await Promise.any([refused, echoed])];
};

test('PX-06: TLS to an API with a trusted certificate', async () => {
  await using setting = await setUp({ upstreamTls: api, tls: { ca: api.cert } });
  expect(await statuses(setting)).toStrictEqual([200, 'hello']);
  for (const { headers } of setting.upstream.seen) {
    expect(headers.authorization).toBe(`Bearer ${upstreamToken}`);
  }
  expect(setting.upstream.seen).toHaveLength(2);
});

test.each<[string, () => { upstreamTls: Pair; tls?: { ca: string } }, string]>([
  ['nobody has signed', () => ({ upstreamTls: api }), 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  [
    'is another’s',
    () => ({ upstreamTls: elsewhere, tls: { ca: elsewhere.cert } }),
    'ERR_TLS_CERT_ALTNAME_INVALID',
  ],
])('PX-06: a certificate that %s is 502, and no token is sent there', async (_, parts, reason) => {
  await using setting = await setUp(parts());
  expect(await statuses(setting)).toStrictEqual([502, 502]);
  expect(setting.upstream.seen).toStrictEqual([]);
  expect(setting.events).toMatchObject([{ reason }, { reason }]);
});

test('an API that demands a client certificate receives it', async () => {
  const upstreamTls = { ...api, ca: client.cert, requestCert: true, rejectUnauthorized: true };
  await using known = await setUp({ upstreamTls, tls: { ca: api.cert, ...client } });
  expect(await statuses(known)).toStrictEqual([200, 'hello']);
  await using unknown = await setUp({ upstreamTls, tls: { ca: api.cert } });
  expect(await statuses(unknown)).toStrictEqual([502, 502]);
});
