import { InvalidInputError } from '../errors.ts';
import { readJsonObject } from '../json.ts';

/** Where a session was created. */
export interface Device {
  /** The application's name for the device, for `revokeByDevice`. At most 128 characters. */
  readonly id?: string | undefined;
  /** As the client sent it; cut after 512 characters. */
  readonly userAgent?: string | undefined;
  readonly ip?: string | undefined;
  /** What the user calls it. */
  readonly label?: string | undefined;
}

/** How, and how strongly, the user was authenticated. */
export interface Authentication {
  /** When, in ms since the epoch on the application's clock. */
  readonly authTime: number;
  /** Authentication settings class (RFC 9068 § 2.2.1). */
  readonly acr?: string | undefined;
  /** Authentication methods (RFC 8176). */
  readonly amr?: readonly string[] | undefined;
}

/** What the core itself keeps with a session. */
export interface SessionAttributes extends Authentication {
  readonly device: Device;
  readonly clientId?: string | undefined;
  readonly scope?: string | undefined;
  /** Who acts in the user's place (impersonation; RFC 8693 § 4.1). */
  readonly actor?: string | undefined;
  readonly organizationId?: string | undefined;
  /**
   * The thumbprint of the key that the session's tokens are bound to (RFC 9449 § 6, RFC 7638):
   * 43 characters. A refresh then needs a proof of the same key.
   */
  readonly jkt?: string | undefined;
}

const maxText = 512;
const maxMethods = 32;
const thumbprintForm = /^[\w-]{43}$/;
/** In ms: the last second of the year 9999. */
const maxTime = 253_402_300_799_999;

/** One letter per field: a session costs memory for as long as it lives. */
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
 * The JSON that a record carries.
 * @throws InvalidInputError for a field that is not what it should be, or too long.
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
    written[letter] = validateText(field, attributes[field as keyof typeof letters]);
  }
  for (const [field, letter] of deviceEntries) {
    const text = attributes.device[field as keyof typeof deviceLetters];
    // A user agent is the client's to choose: cut, where anything else is refused.
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

/** Whether there may be a `jkt`: most sessions have none, which shows without reading them. */
export const mayBeBound = (json: string): boolean => json.includes('"j"');

/** Reads what {@link writeAttributes} wrote. */
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
