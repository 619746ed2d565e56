import { betterAuth } from 'better-auth';
import { memoryAdapter } from 'better-auth/adapters/memory';
import { type Credentials, users } from '../users.ts';

/** A check that receives all headers. */
export interface HeadersCheck {
  readonly credentials: Credentials;
  readonly userOf: (headers: Headers) => Promise<string | undefined>;
}

/** better-auth at its fastest: it reads the session from a signed cookie, without a store call. */
export const createBetterAuth = async (): Promise<HeadersCheck> => {
  const auth = betterAuth({
    secret: 'a secret of the bench, of quite enough characters',
    baseURL: 'http://localhost:3000',
    database: memoryAdapter({ user: [], session: [], account: [], verification: [] }),
    emailAndPassword: {
      enabled: true,
      // Passwords are not part of the measurement.
      password: { hash: async (password) => password, verify: async () => true },
    },
    session: { cookieCache: { enabled: true, maxAge: 3_600 } },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
  });
  const credentials: { cookie: string }[] = [];
  for (const name of users) {
    const { headers } = await auth.api.signUpEmail({
      body: { name, email: `${name}@example.test`, password: 'a password' },
      returnHeaders: true,
    });
    const cookies = headers.getSetCookie().map((cookie) => cookie.split(';', 1)[0]);
    credentials.push({ cookie: cookies.join('; ') });
  }
  return {
    credentials,
    userOf: async (headers) => (await auth.api.getSession({ headers }))?.user.name,
  };
};
