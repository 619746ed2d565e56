import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import * as v from 'valibot';

const name = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(64));
/** Long enough to be hard to guess, short enough to be hashed without a thought. */
const newPassword = v.pipe(v.string(), v.minLength(8), v.maxLength(128));
const anyPassword = v.pipe(v.string(), v.maxLength(1_024));
/** Where the tokens go. A browser wants cookies, a program the body. */
const deliver = v.optional(v.picklist(['cookies', 'body']), 'cookies');

interface Credentials {
  readonly username: string;
  readonly password: string;
  readonly deliver: 'cookies' | 'body';
}

interface PasswordChange {
  readonly current_password?: string | undefined;
  readonly new_password: string;
}

export const registration: v.GenericSchema<unknown, Credentials> = v.object({
  username: name,
  password: newPassword,
  deliver,
});

export const login: v.GenericSchema<unknown, Credentials> = v.object({
  username: name,
  password: anyPassword,
  deliver,
});

export const passwordChange: v.GenericSchema<unknown, PasswordChange> = v.object({
  current_password: v.optional(anyPassword),
  new_password: newPassword,
});

/** Reads a JSON body, or answers 400 or 415. */
export const readBody = async <Body>(
  c: Context,
  schema: v.GenericSchema<unknown, Body>,
): Promise<Body> => {
  if (!/^application\/json\b/i.test(c.req.header('content-type') ?? '')) {
    throw refused(c, 415, 'unsupported_media_type', 'the body must be application/json');
  }
  const body: unknown = await c.req.json().catch(() => undefined);
  const result = v.safeParse(schema, body);
  if (result.success) return result.output;
  // The issues name what is wrong without what was sent: a password is never repeated.
  const fields = result.issues.map((issue) => v.getDotPath(issue) ?? 'body');
  throw refused(c, 400, 'invalid_request', `not valid: ${[...new Set(fields)].join(', ')}`);
};

/** An answer in the form that all errors here have. */
export const refused = (
  c: Context,
  status: 400 | 401 | 403 | 409 | 413 | 415,
  error: string,
  message: string,
): HTTPException => new HTTPException(status, { message, res: c.json({ error, message }, status) });
