import { serve } from '@hono/node-server';
import { createBff } from '@pawl/bff';
import { createPawl } from '@pawl/hono';
import { createMemoryStore } from '@pawl/memory';
import { Hono } from 'hono';

const port = Number(process.env['PORT'] ?? 3000);

const bff = createBff({
  issuer: process.env['ISSUER'] ?? 'http://localhost:4000',
  clientId: 'web',
  clientSecret: process.env['CLIENT_SECRET'] ?? 'a client secret',
  origin: `http://localhost:${port}`,
  store: createMemoryStore(), // or Redis, or SQL
  secrets: [process.env['PAWL_SECRET'] ?? ''],
});
const pawl = createPawl(bff.http);

const app = new Hono();
app.route('/', pawl.routes());
app.get('/orders', pawl.guard(), async (c) => {
  const { accessToken } = await bff.upstream.getUpstreamToken(c.var.auth.sessionId ?? '');
  return fetch('http://localhost:5000/orders', {
    headers: { authorization: `Bearer ${accessToken}` },
  });
});

serve({ fetch: app.fetch, port });
