import * as v from 'valibot';
import { DemoError } from './demo-error.ts';
import type { Call } from './route.ts';

/** In bytes: the maximum size of a body. */
export const bodyLimit = 16_384;

/** Normalized, so that names that look the same are the same. Control characters are refused. */
const name = v.pipe(
  v.string(),
  v.check((text) => text.isWellFormed()),
  v.normalize('NFKC'),
  v.trim(),
  v.minLength(1),
  v.maxLength(64),
  v.regex(/^\P{C}+$/u),
);
/**
 * What a person is called: any language, with the joiners that some scripts need, on one line.
 * Characters that turn the direction of the text around it are refused. An empty name counts as missing.
 */
const fullName = v.nullish(
  v.pipe(
    v.string(),
    v.check((text) => text.isWellFormed()),
    v.normalize('NFC'),
    v.trim(),
    v.maxLength(255),
    v.regex(/^[^\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]*$/u),
  ),
);
/** Long enough to be hard to guess, short enough to be hashed quickly. */
const newPassword = v.pipe(v.string(), v.minLength(8), v.maxLength(128));
const anyPassword = v.pipe(v.string(), v.maxLength(1_024));
const token = v.pipe(v.string(), v.trim(), v.maxLength(1_024));
/** Where the tokens are sent: cookies for a browser, the body for a program. */
const deliver = v.optional(v.picklist(['cookies', 'body']), 'cookies');

type Deliver = 'cookies' | 'body';

interface Credentials {
  readonly username: string;
  readonly password: string;
  readonly deliver: Deliver;
}

type Schema<Body> = v.GenericSchema<unknown, Body>;

export const registration: Schema<Credentials & { readonly name?: string | null | undefined }> =
  v.object({
    username: name,
    name: fullName,
    password: newPassword,
    deliver,
  });

export const login: Schema<Credentials> = v.object({
  username: name,
  password: anyPassword,
  deliver,
});

export const stepUp: Schema<{ readonly password: string }> = v.object({ password: anyPassword });

export const passwordChange: Schema<{
  readonly current_password?: string | undefined;
  readonly new_password: string;
}> = v.object({ current_password: v.optional(anyPassword), new_password: newPassword });

export const codeRequest: Schema<{ readonly username: string }> = v.object({ username: name });

export const codeLogin: Schema<{ readonly code: string; readonly deliver: Deliver }> = v.object({
  code: token,
  deliver,
});

export const newApiKey: Schema<{ readonly name: string; readonly days?: number | undefined }> =
  v.object({
    name,
    days: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(366))),
  });

export const loginForm: Schema<Omit<Credentials, 'deliver'>> = v.object({
  username: name,
  password: anyPassword,
});

/** Reads a JSON body. @throws DemoError with 400 or 415 */
export const readBody = async <Body>(call: Call, schema: Schema<Body>): Promise<Body> => {
  assertMediaType(call, 'application/json');
  return validate(await call.json(), schema);
};

/** Reads the fields of a form. @throws DemoError with 400 or 415 */
export const readForm = async <Body>(call: Call, schema: Schema<Body>): Promise<Body> => {
  assertMediaType(call, 'application/x-www-form-urlencoded');
  return validate(await call.form(), schema);
};

/** Parses the body of a form. Of several fields with one name, the last one counts. */
export const fieldsOf = (body: string): Record<string, string> =>
  Object.fromEntries(new URLSearchParams(body));

const assertMediaType = (call: Call, wanted: string): void => {
  const [type = ''] = (call.header('content-type') ?? '').split(';');
  if (type.trim().toLowerCase() === wanted) return;
  throw new DemoError(415, 'unsupported_media_type', `the body must be ${wanted}`);
};

const validate = <Body>(body: unknown, schema: Schema<Body>): Body => {
  const result = v.safeParse(schema, body);
  if (result.success) return result.output;
  // The issues do not quote what was sent, so a password is never repeated.
  const fields = result.issues.map((issue) => `${v.getDotPath(issue) ?? 'body'}${lengthOf(issue)}`);
  throw new DemoError(400, 'invalid_request', `not valid: ${[...new Set(fields)].join(', ')}`);
};

/** Returns the required length, from the schema. */
const lengthOf = ({ type, requirement }: v.BaseIssue<unknown>): string => {
  if (type === 'min_length') return ` (at least ${String(requirement)} characters)`;
  if (type === 'max_length') return ` (at most ${String(requirement)} characters)`;
  return '';
};
