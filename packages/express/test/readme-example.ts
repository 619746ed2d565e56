import { createSessions } from '@pawl/core';
import { createPawl } from '@pawl/express';
import { createMemoryStore } from '@pawl/memory';
import express from 'express';

const port = Number(process.env['PORT'] ?? 3000);

const sessions = createSessions<{ admin?: boolean }>({
  store: createMemoryStore(),
  secrets: [process.env['PAWL_SECRET'] ?? ''],
});
const pawl = createPawl({ sessions, origin: `http://localhost:${port}` });

const app = express();

app.post('/login', express.json(), async (req, res) => {
  const { name, password } = req.body as { name: string; password: string };
  // Your own users: look the name up, verify a password hash.
  if (password !== 'open sesame') {
    res.status(401).json({ error: 'invalid_credentials' });
    return;
  }
  const { body } = await pawl.login(req, res, { userId: name, claims: { admin: name === 'ann' } });
  res.json({ user: name, ...body });
});

app.get('/me', pawl.guard(), (req, res) => {
  res.json({ user: pawl.auth(req).userId });
});

app.get('/', pawl.optionalGuard(), (req, res) => {
  res.send(`Hello, ${pawl.authIfAny(req)?.userId ?? 'stranger'}`);
});

app.delete(
  '/everything',
  pawl.guard({ allow: ({ claims }) => claims.admin === true, maxAuthAge: 5 * 60_000 }),
  (_req, res) => {
    res.send('gone');
  },
);

app.use(pawl.routes());
app.use(pawl.errorHandler());

app.listen(port);
