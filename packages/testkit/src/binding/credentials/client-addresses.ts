import type { BindingSuite } from '../harness/binding-suite.ts';
import { newUser, type Service } from '../harness/service.ts';

type Headers = Readonly<Record<string, string | string[]>>;

/** Returns the client address that is stored for a login from this machine. */
const ipOf = async (service: Service, headers: Headers): Promise<string | undefined> => {
  const user = newUser();
  await service.browser().send('POST', `/login?user=${user}`, headers);
  return (await service.internals.sessions.list(user))[0]?.device.ip;
};

/** The client's address (PX-01, PX-02). The mounts' frameworks trust every proxy, which must not matter. */
export const registerClientAddresses = (suite: BindingSuite): void =>
  suite.group('client addresses', () => {
    suite.test('PX-01: by default no forwarding header is trusted', async (t) => {
      const service = await t.serve();
      for (const headers of [
        { 'x-forwarded-for': '198.51.100.1' },
        { forwarded: 'for=198.51.100.1' },
        { 'cf-connecting-ip': '198.51.100.1' },
        { 'x-real-ip': '198.51.100.1' },
        { 'true-client-ip': '198.51.100.1' },
      ]) {
        t.same(await ipOf(service, headers), '127.0.0.1', JSON.stringify(headers));
      }
    });

    suite.test('PX-01: a forwarding header of an untrusted peer is ignored', async (t) => {
      const service = await t.serve({ http: { trustedProxies: ['10.0.0.0/8', '2001:db8::/32'] } });
      t.same(await ipOf(service, { 'x-forwarded-for': '198.51.100.1' }), '127.0.0.1');
    });

    suite.test(
      'PX-01: the header is read from right to left, up to the first untrusted or invalid address',
      async (t) => {
        const trustedProxies = ['127.0.0.0/8', '10.0.0.0/8'];
        const service = await t.serve({ http: { trustedProxies } });
        for (const [sent, expected] of [
          ['198.51.100.1', '198.51.100.1'],
          ['203.0.113.9, 198.51.100.1', '198.51.100.1'],
          ['203.0.113.9, 198.51.100.1, 10.1.2.3', '198.51.100.1'],
          [['203.0.113.9', '198.51.100.1, 10.1.2.3'], '198.51.100.1'],
        ] as const) {
          const headers = { 'x-forwarded-for': typeof sent === 'string' ? sent : [...sent] };
          t.same(await ipOf(service, headers), expected, String(sent));
        }
        t.same(
          await ipOf(service, { forwarded: 'for=198.51.100.1' }),
          '127.0.0.1',
          'only one header is read',
        );
        for (const malformed of ['x', '198.51.100.256', '0198.51.100.1', 'fe80::1%eth0']) {
          const sent = `203.0.113.9, ${malformed}, 10.1.2.3`;
          const ip = await ipOf(service, { 'x-forwarded-for': sent });
          t.same(ip === '203.0.113.9', false, `${malformed} must not be skipped`);
          t.same(ip === malformed, false, `${malformed} must not be trusted`);
        }
      },
    );

    suite.test('PX-02: every address is stored in one canonical form', async (t) => {
      const service = await t.serve({ http: { trustedProxies: ['127.0.0.1'] } });
      for (const [sent, expected] of [
        ['::ffff:198.51.100.1', '198.51.100.1'],
        ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
        ['2001:0db8::0001', '2001:db8::1'],
      ] as const) {
        t.same(await ipOf(service, { 'x-forwarded-for': sent }), expected, sent);
      }
    });

    suite.test('only the configured header is read', async (t) => {
      const http = { trustedProxies: ['127.0.0.1'], forwardedHeader: 'forwarded' } as const;
      const service = await t.serve({ http });
      const headers = { forwarded: 'for=203.0.113.9, for="[2001:db8::1]:443";proto=https' };
      t.same(await ipOf(service, { ...headers, 'x-forwarded-for': '198.51.100.1' }), '2001:db8::1');
    });
  });
