import { getRequestListener } from '@hono/node-server';
import { createPawl } from '@pawl/hono';
import { Hono } from 'hono';
import { internalError, type Mount, texts, touched } from './application.ts';

export const mount: Mount = async (bff, touchResponses) => {
  const pawl = createPawl(bff.http);
  const app = new Hono();
  if (touchResponses) {
    app.use(async (c, next) => {
      for (const [name, value] of Object.entries(touched)) c.header(name, value);
      await next();
    });
  }
  app.route('/', pawl.routes());
  for (const [path, text] of Object.entries(texts)) app.get(path, (c) => c.text(text));
  app.get('/mine', pawl.guard(), (c) => {
    const { userId, claims, session } = c.var.auth;
    return c.json({ user: userId, claims, app: session?.data.app });
  });
  app.onError(pawl.errorHandler((_, c) => c.text(internalError, 500)));
  const listener = getRequestListener(app.fetch);
  return {
    listener: (request, response) => void listener(request, response),
    close: async () => {},
  };
};
