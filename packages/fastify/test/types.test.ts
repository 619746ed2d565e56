import type { Auth } from '@pawl/core';
import { createSessions } from '@pawl/core';
import { createMemoryStore } from '@pawl/memory';
import { fastify } from 'fastify';
import { expectTypeOf, test } from 'vitest';
import { type AuthOf, createPawl, type FastifyPawl } from '../src/index.ts';

interface Claims {
  admin?: boolean;
}
interface Data {
  theme: 'dark' | 'light';
}

const sessions = createSessions<Claims, Data>({
  store: createMemoryStore(),
  secrets: ['a root secret of quite enough random bytes: 0123456789'],
});
const pawl: FastifyPawl<Claims, Data> = createPawl({ sessions, origin: 'http://localhost:8080' });

declare module 'fastify' {
  interface FastifyRequest {
    auth: AuthOf<typeof pawl>;
  }
}

test('handlers see claims and session data typed, and a guard changes no other type', () => {
  const app = fastify();
  app.get<{ Params: { id: string } }>(
    '/users/:id',
    { onRequest: pawl.guard() },
    async (request) => {
      expectTypeOf(pawl.auth(request)).toEqualTypeOf<Auth<Claims, Data>>();
      expectTypeOf(pawl.auth(request).claims).toEqualTypeOf<Claims>();
      expectTypeOf(pawl.authIfAny(request)).toEqualTypeOf<Auth<Claims, Data> | null>();
      expectTypeOf(request.auth.claims.admin).toEqualTypeOf<boolean | undefined>();
      expectTypeOf(request.auth.session?.data).toEqualTypeOf<Data | undefined>();
      expectTypeOf(request.params).toEqualTypeOf<{ id: string }>();
    },
  );
  app.addHook('onRequest', pawl.guard({ allow: ({ claims }) => claims.admin === true }));
  expectTypeOf<Parameters<typeof pawl.login>[2]['claims']>().toEqualTypeOf<Claims | undefined>();
  expectTypeOf<Data>().toExtend<Parameters<typeof pawl.login>[2]['data']>();
  // @ts-expect-error -- not a claim of this application
  pawl.guard({ allow: ({ claims }) => claims.root === true });
});
