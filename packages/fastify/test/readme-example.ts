import { createSessions } from '@pawl/core';
import { createPawl } from '@pawl/fastify';
import { createMemoryStore } from '@pawl/memory';
import { fastify } from 'fastify';

const port = Number(process.env['PORT'] ?? 3000);

const sessions = createSessions<{ admin?: boolean }>({
  store: createMemoryStore(),
  secrets: [process.env['PAWL_SECRET'] ?? ''],
});
const pawl = createPawl({ sessions, origin: `http://localhost:${port}` });

const app = fastify();
app.setErrorHandler(pawl.errorHandler());
await app.register(pawl.routes());

app.post('/login', async (request, reply) => {
  const { name, password } = request.body as { name: string; password: string };
  // Your own users: look the name up, verify a password hash.
  if (password !== 'open sesame') {
    return reply.code(401).send({ error: 'invalid_credentials' });
  }
  const session = { userId: name, claims: { admin: name === 'ann' } };
  const { body } = await pawl.login(request, reply, session);
  return { user: name, ...body };
});

app.get('/me', { onRequest: pawl.guard() }, async (request) => ({
  user: pawl.auth(request).userId,
}));

app.get('/', { onRequest: pawl.optionalGuard() }, async (request) => {
  return `Hello, ${pawl.authIfAny(request)?.userId ?? 'stranger'}`;
});

const admin = pawl.guard({
  allow: ({ claims }) => claims.admin === true,
  maxAuthAge: 5 * 60_000,
});
app.delete('/everything', { onRequest: admin }, async () => 'gone');

await app.listen({ port });
