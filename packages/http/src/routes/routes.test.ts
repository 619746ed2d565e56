import { expect, test } from 'vitest';
import { setUp } from '../../test/fixture.ts';

test('CSRF: refresh and logout by cookie must come from the service’s own pages', async () => {
  const { send, browser, store } = setUp();
  const ann = await browser('ann');
  const cookie = ann.headers['cookie'] ?? '';
  const calls = store.calls;
  for (const headers of [
    { cookie, origin: 'null' },
    { cookie, origin: 'https://evil.example' },
    { cookie, 'sec-fetch-site': 'cross-site' },
  ]) {
    for (const path of ['/auth/refresh', '/auth/logout']) {
      expect(await send('POST', path, headers)).toMatchObject({ status: 403, cookies: [] });
    }
  }
  expect(store.calls).toBe(calls);
});
