import { serve } from '@hono/node-server';
import { createSessions } from '@pawl/core';
import { createPawl } from '@pawl/hono';
import { createMemoryStore } from '@pawl/memory';
import { Hono } from 'hono';

const port = Number(process.env['PORT'] ?? 3000);

const sessions = createSessions<{ admin?: boolean }>({
  store: createMemoryStore(),
  secrets: [process.env['PAWL_SECRET'] ?? ''],
});
const pawl = createPawl({ sessions, origin: `http://localhost:${port}` });

const app = new Hono();

app.post('/login', async (c) => {
  const { name, password } = await c.req.json<{ name: string; password: string }>();
  // Your own users: look the name up, verify a password hash.
  if (password !== 'open sesame') return c.json({ error: 'invalid_credentials' }, 401);
  const { body } = await pawl.login(c, { userId: name, claims: { admin: name === 'ann' } });
  return c.json({ user: name, ...body });
});

app.get('/me', pawl.guard(), (c) => c.json({ user: c.var.auth.userId }));

app.get('/', pawl.optionalGuard(), (c) => c.text(`Hello, ${c.var.auth?.userId ?? 'stranger'}`));

app.delete(
  '/everything',
  pawl.guard({ allow: ({ claims }) => claims.admin === true, maxAuthAge: 5 * 60_000 }),
  (c) => c.text('gone'),
);

app.route('/', pawl.routes());
app.onError(pawl.errorHandler());

serve({ fetch: app.fetch, port });
