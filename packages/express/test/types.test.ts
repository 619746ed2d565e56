import type { Auth } from '@pawl/core';
import { createSessions } from '@pawl/core';
import { createMemoryStore } from '@pawl/memory';
import express from 'express';
import { expectTypeOf, test } from 'vitest';
import { type AuthOf, createPawl, type ExpressPawl } from '../src/index.ts';

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
const pawl: ExpressPawl<Claims, Data> = createPawl({ sessions, origin: 'http://localhost:8080' });

declare global {
  namespace Express {
    interface Request {
      auth: AuthOf<typeof pawl>;
    }
  }
}

test('handlers see claims and session data typed, and a guard changes no other type', () => {
  const app = express();
  app.get('/users/:id', pawl.guard(), (req) => {
    expectTypeOf(pawl.auth(req)).toEqualTypeOf<Auth<Claims, Data>>();
    expectTypeOf(pawl.auth(req).claims).toEqualTypeOf<Claims>();
    expectTypeOf(pawl.authIfAny(req)).toEqualTypeOf<Auth<Claims, Data> | null>();
    expectTypeOf(req.auth.claims.admin).toEqualTypeOf<boolean | undefined>();
    expectTypeOf(req.auth.session?.data).toEqualTypeOf<Data | undefined>();
    expectTypeOf(req.params).toEqualTypeOf<{ id: string }>();
  });
  app.use('/users', pawl.guard({ allow: ({ claims }) => claims.admin === true }));
  expectTypeOf<Parameters<typeof pawl.login>[2]['claims']>().toEqualTypeOf<Claims | undefined>();
  expectTypeOf<Data>().toExtend<Parameters<typeof pawl.login>[2]['data']>();
  // @ts-expect-error -- not a claim of this application
  pawl.guard({ allow: ({ claims }) => claims.root === true });
});
