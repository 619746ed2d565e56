import { test } from 'vitest';
import { ann, start } from '../started/demo.ts';
import { freezingProxy } from '../started/freezing-proxy.ts';
import { createTestStore } from '../started/store.ts';

test.concurrent.for(['redis', 'postgres', 'mysql'] as const)(
  '%s that does not answer is 503 in time, and logs nobody out',
  { timeout: 40_000 },
  async (name, { expect }) => {
    const kept = await createTestStore(name);
    await using way = await freezingProxy(kept.config.store);
    const users = kept.config.users === kept.config.store ? way.url : kept.config.users;
    await using service = await start({ ...kept.config, store: way.url, users });
    const page = service.visitor();
    expect(await page.send('POST', '/register', ann)).toMatchObject({ status: 201 });
    way.freeze();
    const asked = await Promise.all([
      page.send('GET', '/content'),
      page.send('POST', '/refresh'),
      page.send('GET', '/session'),
      page.send('POST', '/change-password', { new_password: 'another horse' }),
      page.send('GET', '/ready'),
    ]);
    expect(asked.map(({ status }) => status)).toEqual([503, 503, 503, 503, 503]);
    expect(await page.send('GET', '/health')).toMatchObject({ status: 200 });
    expect(await page.cookies()).toHaveLength(2);
    way.thaw();
    await expect
      .poll(async () => (await page.send('GET', '/ready')).status, { timeout: 15_000 })
      .toBe(200);
    expect(await page.send('GET', '/content')).toMatchObject({ status: 200 });
    expect(await page.send('POST', '/refresh')).toMatchObject({ status: 200 });
    expect(service.lines.join('')).not.toContain('reuse.detected');
  },
);
