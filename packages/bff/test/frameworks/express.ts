import { createPawl } from '@pawl/express';
import express, { type ErrorRequestHandler } from 'express';
import { internalError, type Mount, texts, touched } from './application.ts';

export const mount: Mount = async (bff, touchResponses) => {
  const pawl = createPawl(bff.http);
  const app = express();
  if (touchResponses) {
    app.use((_, response, next) => {
      response.set(touched);
      next();
    });
  }
  app.use(pawl.routes());
  for (const [path, text] of Object.entries(texts)) {
    app.get(path, (_, response) => {
      response.send(text);
    });
  }
  app.get('/mine', pawl.guard(), (request, response) => {
    const { userId, claims, session } = pawl.auth(request);
    response.json({ user: userId, claims, app: session?.data.app });
  });
  // Express recognizes an error handler by its four parameters.
  const failed: ErrorRequestHandler = (_error, _request, response, _next) => {
    response.status(500).send(internalError);
  };
  app.use(pawl.errorHandler(failed));
  return { listener: app, close: async () => {} };
};
