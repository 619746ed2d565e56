import { createPawl } from '@pawl/fastify';
import { fastify } from 'fastify';
import { internalError, type Mount, texts, touched } from './application.ts';

export const mount: Mount = async (bff, touchResponses) => {
  const pawl = createPawl(bff.http);
  const app = fastify();
  if (touchResponses) app.addHook('onRequest', async (_, reply) => void reply.headers(touched));
  app.setErrorHandler(
    pawl.errorHandler((_error, _request, reply) => reply.code(500).send(internalError)),
  );
  await app.register(pawl.routes());
  for (const [path, text] of Object.entries(texts)) app.get(path, async () => text);
  app.get('/mine', { onRequest: pawl.guard() }, async (request) => {
    const { userId, claims, session } = pawl.auth(request);
    return { user: userId, claims, app: session?.data.app };
  });
  await app.ready();
  return {
    listener: (request, response) => app.routing(request, response),
    close: () => app.close(),
  };
};
