import { InvalidInputError } from '../errors.ts';
import { readJsonObject } from '../json.ts';
import { assertId } from '../store/id.ts';

/** Where a session was created. */
export interface Device {
  /** The application's id of the device, for `revokeByDevice`. At most 128 characters. */
  readonly id?: string | undefined;
  /** The `User-Agent` header; truncated to 512 characters. */
  readonly userAgent?: string | undefined;
  /** At most 512 characters, like every text here. */
  readonly ip?: string | undefined;
  /** The user's name for the device. */
  readonly label?: string | undefined;
}

/** How, and how strongly, the user was authenticated. */
export interface Authentication {
  /** When the user was authenticated, in ms since the epoch on the application's clock. */
  readonly authTime: number;
  /** Authentication settings class (RFC 9068 § 2.2.1). */
  readonly acr?: string | undefined;
  /** Authentication methods, at most 32 (RFC 8176). */
  readonly amr?: readonly string[] | undefined;
}

/** What Pawl keeps with a session, beside the application's claims and data. */
export interface SessionAttributes extends Authentication {
  readonly device: Device;
  /** The OAuth client that the session belongs to. */
  readonly clientId?: string | undefined;
  /** Space-separated (RFC 8693 § 4.2). */
  readonly scope?: string | undefined;
  /** Who acts on behalf of the user (impersonation; RFC 8693 § 4.1). */
  readonly actor?: string | undefined;
  /** The organization (tenant) that the user acts in. */
  readonly organizationId?: string | undefined;
  /**
   * The thumbprint of the key that the session's tokens are bound to (RFC 9449 § 6, RFC 7638):
   * 43 characters. A refresh then requires a proof of possession of the same key.
   */
  readonly jkt?: string | undefined;
}

/** The attributes that name somebody: an empty one would be nobody's, and everybody's. */
const ids = ['clientId', 'actor', 'organizationId'];

const maxText = 512;
const maxMethods = 32;
const thumbprintForm = /^[\w-]{43}$/;
/** In ms: the last second of the year 9999. */
const maxTime = 253_402_300_799_999;

/** One letter per field: it saves memory in the store, for every session. */
const letters = {
  acr: 'c',
  clientId: 'k',
  scope: 's',
  actor: 'a',
  organizationId: 'o',
  jkt: 'j',
} as const;
const deviceLetters = { userAgent: 'u', ip: 'i', label: 'l' } as const;

const attributeEntries = Object.entries(letters);
const readEntries: readonly (readonly [string, string])[] = [...attributeEntries, ['amr', 'm']];
const deviceEntries = Object.entries(deviceLetters);

/**
 * Returns the JSON that a record contains.
 * @throws InvalidInputError for a field that is invalid or too long.
 */
export const writeAttributes = (attributes: SessionAttributes): string => {
  const { authTime, amr = [], jkt } = attributes;
  if (!(typeof authTime === 'number' && authTime >= 0 && authTime <= maxTime)) {
    throw new InvalidInputError('authTime', 'must be a time in ms since the epoch');
  }
  if (!Array.isArray(amr) || amr.length > maxMethods) {
    throw new InvalidInputError('amr', `must be a list of at most ${maxMethods} strings`);
  }
  if (jkt !== undefined && !thumbprintForm.test(jkt)) {
    throw new InvalidInputError('jkt', 'must be a thumbprint');
  }
  const written: Record<string, unknown> = { t: Math.floor(authTime / 1_000) };
  for (const [field, letter] of attributeEntries) {
    const text = attributes[field as keyof typeof letters];
    if (text !== undefined && ids.includes(field)) assertId(field, text);
    written[letter] = validateText(field, text);
  }
  for (const [field, letter] of deviceEntries) {
    const text = attributes.device[field as keyof typeof deviceLetters];
    // The client chooses its user agent: truncate it. Anything else that is too long is refused.
    written[letter] =
      field === 'userAgent' && typeof text === 'string'
        ? text.slice(0, maxText)
        : validateText(`device.${field}`, text);
  }
  if (amr.length > 0) written['m'] = amr.map((one: unknown) => validateText('amr', one));
  return JSON.stringify(written);
};

const validateText = (argument: string, text: unknown): string | undefined => {
  if (text === undefined) return undefined;
  if (typeof text !== 'string' || text.length > maxText) {
    throw new InvalidInputError(argument, `must be a string of at most ${maxText} characters`);
  }
  return text;
};

/** Returns whether there may be a `jkt`: most sessions have none, and need not be parsed. */
export const mayBeBound = (json: string): boolean => json.includes('"j"');

/** Reads the JSON of {@link writeAttributes}. */
export const readAttributes = (json: string, deviceId: string | null): SessionAttributes => {
  const written = readJsonObject(json);
  const copy = (
    into: Record<string, unknown>,
    entries: readonly (readonly [string, string])[],
  ): Record<string, unknown> => {
    for (const [field, letter] of entries) {
      if (written[letter] !== undefined) into[field] = written[letter];
    }
    return into;
  };
  const device = copy(deviceId === null ? {} : { id: deviceId }, deviceEntries);
  const authTime = Number(written['t']) * 1_000;
  return copy({ authTime, device }, readEntries) as unknown as SessionAttributes;
};
