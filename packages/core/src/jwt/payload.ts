/** The key that a token is bound to (RFC 7800): its presenter must prove possession of it. */
export interface Confirmation {
  /** The SHA-256 thumbprint of the DPoP key (RFC 9449 § 6.1), base64url. */
  readonly jkt?: string | undefined;
  /** The SHA-256 thumbprint of the client's certificate (RFC 8705 § 3.1), base64url. */
  readonly 'x5t#S256'?: string | undefined;
}

/** Who acts on behalf of the subject (impersonation, RFC 8693 § 4.1). */
export interface Actor {
  readonly sub: string;
  /** Who acted before this actor. */
  readonly act?: Actor | undefined;
  readonly [member: string]: unknown;
}

interface OptionalClaims {
  /** Not valid before, in seconds since the epoch. */
  readonly nbf?: number | undefined;
  /** The session. */
  readonly sid?: string | undefined;
  /** The generation of the session's credentials. */
  readonly gen?: number | undefined;
  /** When the user last authenticated, in seconds since the epoch. */
  readonly auth_time?: number | undefined;
  /** How strong that authentication was. */
  readonly acr?: string | undefined;
  /** The methods of that authentication (RFC 8176). */
  readonly amr?: readonly string[] | undefined;
  /** Space-separated (RFC 8693 § 4.2). */
  readonly scope?: string | undefined;
  readonly cnf?: Confirmation | undefined;
  readonly act?: Actor | undefined;
  readonly org_id?: string | undefined;
  /** The application's claims, under names that are not reserved. */
  readonly [claim: string]: unknown;
}

/** The claims of an access token that is to be signed (RFC 9068 § 2.2). */
export interface JwtClaimsInput extends OptionalClaims {
  /** Default: the `issuer` option. Any other value is refused. */
  readonly iss?: string | undefined;
  /** Default: the `audience` option. */
  readonly aud?: string | readonly string[] | undefined;
  /** Default: the `clientId` option. */
  readonly client_id?: string | undefined;
  /** The user. */
  readonly sub: string;
  /** When it was issued, in seconds since the epoch. */
  readonly iat: number;
  /** When it expires, in seconds since the epoch. */
  readonly exp: number;
  /** Unique per token: the id by which it is revoked. */
  readonly jti: string;
}

/** The claims of a verified access token. */
export interface JwtPayload extends OptionalClaims {
  readonly iss: string;
  readonly aud: string | readonly string[];
  readonly client_id: string;
  readonly sub: string;
  readonly iat: number;
  readonly exp: number;
  /** Missing only if `dangerouslyAllowMissingId` is set. */
  readonly jti?: string | undefined;
}

/** The last second of the year 9999: a later time would never expire. */
const maxTime = 253_402_300_799;

const maxEntries = 32;

const isText = (value: unknown, max = 255): value is string =>
  typeof value === 'string' && value !== '' && value.length <= max;

const isUri = (value: unknown): boolean => isText(value, 2048);

const isTime = (value: unknown): boolean =>
  typeof value === 'number' && value >= 0 && value <= maxTime;

const isListOf = (value: unknown, check: (entry: unknown) => boolean): boolean =>
  Array.isArray(value) && value.length <= maxEntries && value.every(check);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const thumbprint = /^[\w-]{43}$/;

/** A binding of an unknown kind is refused: ignoring it would accept the token without a proof. */
const isConfirmation = (value: unknown): boolean =>
  isRecord(value) &&
  Object.keys(value).length > 0 &&
  Object.entries(value).every(
    ([name, print]) =>
      (name === 'jkt' || name === 'x5t#S256') &&
      typeof print === 'string' &&
      thumbprint.test(print),
  );

const isActor = (value: unknown): boolean =>
  isRecord(value) && isText(value['sub']) && (value['act'] === undefined || isActor(value['act']));

const isId = (value: unknown): boolean => isText(value);

type Check = (value: unknown) => boolean;

/** The claims that every token needs. `jti` is checked elsewhere, because an option can waive it. */
const required: Readonly<Record<string, Check>> = {
  iss: isUri,
  aud: (value) => isUri(value) || isListOf(value, isUri),
  sub: isId,
  client_id: isId,
  iat: isTime,
  exp: isTime,
};

const optional: Readonly<Record<string, Check>> = {
  jti: isId,
  nbf: isTime,
  sid: isId,
  gen: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
  auth_time: isTime,
  acr: isId,
  amr: (value) => isListOf(value, isId),
  scope: (value) => isText(value, 4096),
  cnf: isConfirmation,
  act: isActor,
  org_id: isId,
};

const requiredNames: readonly string[] = Object.keys(required);

/** The reserved claims, in the order in which tokens contain them. */
export const reservedClaims: readonly string[] = [...requiredNames, ...Object.keys(optional)];

const checks: ReadonlyMap<string, { readonly holds: Check; readonly counts: number }> = new Map(
  Object.entries({ ...required, ...optional }).map(([name, holds]) => [
    name,
    { holds, counts: Object.hasOwn(required, name) ? 1 : 0 },
  ]),
);

/** A payload whose reserved claims have valid types, and that has all required claims. */
export interface ReadPayload {
  readonly payload: JwtPayload;
  /** The application's own claims; frozen, inherits nothing. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/**
 * Creates objects without inherited members, like `Object.create(null)`, that the engine keeps in
 * its compact form: they take half the time and less memory.
 */
const Bare = function () {} as unknown as new () => Record<string, unknown>;
Bare.prototype = Object.freeze(Object.create(null));

const none: Readonly<Record<string, unknown>> = Object.freeze(new Bare());

/**
 * Validates a payload and separates the application's claims from the reserved ones in one pass.
 * Returns the name of the claim that is invalid or missing, if there is one. `jti` may be absent
 * here.
 */
export const readPayload = (raw: Readonly<Record<string, unknown>>): ReadPayload | string => {
  let claims: Record<string, unknown> | undefined;
  let found = 0;
  // Own names only, and counted: a polluted prototype supplies nothing.
  for (const name of Object.keys(raw)) {
    const check = checks.get(name);
    const value = raw[name];
    if (!check) {
      claims ??= new Bare();
      claims[name] = value;
    } else if (check.holds(value)) found += check.counts;
    else return name;
  }
  if (found < requiredNames.length) {
    return requiredNames.find((name) => !Object.hasOwn(raw, name)) as string;
  }
  return {
    payload: raw as unknown as JwtPayload,
    claims: claims ? Object.freeze(claims) : none,
  };
};
