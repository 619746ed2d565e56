import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../errors.ts';
import {
  mayBeBound,
  readAttributes,
  type SessionAttributes,
  writeAttributes,
} from './attributes.ts';

const argumentOf = (attributes: Record<string, unknown>): string | undefined => {
  try {
    writeAttributes({ device: {}, authTime: 0, ...attributes } as SessionAttributes);
    return undefined;
  } catch (error) {
    if (error instanceof InvalidInputError) return error.argument;
    throw error;
  }
};

const text = fc.string({ minLength: 1, maxLength: 60 });
const thumbprint = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Buffer.from(bytes).toString('base64url'));

describe('attributes', () => {
  it('SE-10: come back as they were, to the second', () => {
    const some = fc.record(
      {
        acr: text,
        clientId: text,
        scope: text,
        actor: text,
        organizationId: text,
        jkt: thumbprint,
        amr: fc.array(text, { minLength: 1, maxLength: 5 }),
      },
      { requiredKeys: [] },
    );
    const device = fc.record({ userAgent: text, ip: text, label: text }, { requiredKeys: [] });
    const authTime = fc.nat(4_000_000_000).map((seconds) => seconds * 1_000);
    fc.assert(
      fc.property(some, device, authTime, fc.option(text), (given, where, time, deviceId) => {
        const attributes = { ...given, device: { ...where }, authTime: time };
        const written = writeAttributes(attributes);
        // A database may write JSON down in its own way.
        for (const json of [written, JSON.stringify(JSON.parse(written), null, 1)]) {
          expect(mayBeBound(json) || given.jkt === undefined).toBe(true);
        }
        const read = readAttributes(written, deviceId);
        const id = deviceId === null ? {} : { id: deviceId };
        expect(read).toEqual({ ...attributes, device: { ...where, ...id } });
      }),
    );
  });

  it('cost little where they say nothing', () => {
    expect(writeAttributes({ device: {}, authTime: 1_900_000_000_123 })).toBe('{"t":1900000000}');
    expect(writeAttributes({ device: {}, authTime: 1_000, amr: [] })).toBe('{"t":1}');
  });

  it('leave the device id to the record', () => {
    const written = writeAttributes({ device: { id: 'secret phone' }, authTime: 0 });
    expect(written).not.toContain('phone');
  });

  it('cut a user agent, which is the client’s to choose, and nothing else', () => {
    const long = 'x'.repeat(10_000);
    const written = writeAttributes({ device: { userAgent: long }, authTime: 0 });
    expect(readAttributes(written, null).device.userAgent).toBe('x'.repeat(512));
    expect(argumentOf({ device: { label: long } })).toBe('device.label');
    expect(argumentOf({ device: { ip: long } })).toBe('device.ip');
  });

  it('take a key by its thumbprint only', () => {
    const good = 'A'.repeat(43);
    expect(readAttributes(writeAttributes({ device: {}, authTime: 0, jkt: good }), null).jkt).toBe(
      good,
    );
    for (const odd of [
      '',
      'short',
      `${good}A`,
      `${good.slice(1)}=`,
      `${good.slice(1)}+`,
      `${good}\n`,
    ]) {
      expect(argumentOf({ jkt: odd })).toBe('jkt');
    }
  });

  it('name what is not a text', () => {
    for (const field of ['acr', 'clientId', 'scope', 'actor', 'organizationId', 'jkt']) {
      for (const odd of [null, 5, {}, [], true, 'x'.repeat(513)]) {
        expect(argumentOf({ [field]: odd })).toBe(field);
      }
    }
    for (const field of ['userAgent', 'ip', 'label']) {
      for (const odd of [null, 5, {}, [], true]) {
        expect(argumentOf({ device: { [field]: odd } })).toBe(`device.${field}`);
      }
    }
  });

  it('name an amr that is not a list of strings', () => {
    const many = Array.from({ length: 33 }, () => 'pwd');
    for (const odd of [[5], [null], ['x'.repeat(513)], 'pwd', { length: 1 }, 7, many]) {
      expect(argumentOf({ amr: odd })).toBe('amr');
    }
  });

  it('name an authTime that is not a time', () => {
    for (const odd of [Number.NaN, Infinity, -1, '1900000000000', null, {}, new Date(), 1e300]) {
      expect(argumentOf({ authTime: odd })).toBe('authTime');
    }
  });

  it('show that a session is bound to no key, unread', () => {
    const device = { userAgent: 'a browser "j"', ip: '192.0.2.1' };
    expect(mayBeBound(writeAttributes({ authTime: 0, acr: 'jkt', device }))).toBe(false);
  });
});
