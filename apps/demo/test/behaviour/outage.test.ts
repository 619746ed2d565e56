import { test } from 'vitest';
import { ann, start } from '../harness/demo.ts';
import { startFreezingProxy } from '../harness/freezing-proxy.ts';
import { createTestStore } from '../harness/store.ts';

test.concurrent.for(['redis', 'postgres', 'mysql'] as const)(
  'if %s does not respond, requests get 503 in time, and nobody is logged out',
  { timeout: 40_000 },
  async (name, { expect }) => {
    const testStore = await createTestStore(name);
    await using proxy = await startFreezingProxy(testStore.config.store);
    const users =
      testStore.config.users === testStore.config.store ? proxy.url : testStore.config.users;
    await using service = await start({ ...testStore.config, store: proxy.url, users });
    const page = service.visitor();
    expect(await page.send('POST', '/register', ann)).toMatchObject({ status: 201 });
    proxy.freeze();
    const replies = await Promise.all([
      page.send('GET', '/content'),
      page.send('POST', '/refresh'),
      page.send('GET', '/session'),
      page.send('POST', '/change-password', { new_password: 'another horse' }),
      page.send('GET', '/ready'),
    ]);
    expect(replies.map(({ status }) => status)).toEqual([503, 503, 503, 503, 503]);
    expect(await page.send('GET', '/health')).toMatchObject({ status: 200 });
    expect(await page.cookies()).toHaveLength(2);
    proxy.thaw();
    await expect
      .poll(async () => (await page.send('GET', '/ready')).status, { timeout: 15_000 })
      .toBe(200);
    expect(await page.send('GET', '/content')).toMatchObject({ status: 200 });
    expect(await page.send('POST', '/refresh')).toMatchObject({ status: 200 });
    expect(service.lines.join('')).not.toContain('reuse.detected');
  },
);
