import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidInputError, StoreRecordError } from './errors.ts';
import { readJson, readJsonObject, writeJson } from './json.ts';

describe('JSON for a store', () => {
  it('reads back as the same', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(writeJson('payload', value, 1e6))).toEqual(
          JSON.parse(JSON.stringify(value)),
        );
      }),
    );
  });

  it('is at most as long as it may be', () => {
    expect(writeJson('payload', 'xxx', 5)).toBe('"xxx"');
    expect(() => writeJson('payload', 'xxxx', 5)).toThrow(InvalidInputError);
  });

  it('is refused where there is none', () => {
    for (const value of [undefined, () => 1, Symbol('s'), 5n]) {
      expect(() => writeJson('payload', value, 100)).toThrow(InvalidInputError);
    }
  });
});

describe('JSON of a store', () => {
  it('is refused if nobody can have written it', () => {
    for (const odd of ['', '{', 'null', '5', '"text"', '[]', 'undefined', '{"a":1}x']) {
      expect(() => readJsonObject(odd)).toThrow(StoreRecordError);
    }
    for (const odd of ['', '{', 'undefined', '1 2']) {
      expect(() => readJson(odd)).toThrow(StoreRecordError);
    }
    expect(readJson('null')).toBeNull();
  });

  it('is quoted in no message', () => {
    const read = (): unknown => readJsonObject('{"secret": hunter2}');
    expect(read).toThrow(new StoreRecordError('a field that should hold JSON does not'));
  });

  it('SE-09: keeps odd names without effect, and inherits none', () => {
    const json = '{"__proto__":{"admin":true},"constructor":1,"prototype":2,"a":3}';
    const read = readJsonObject(json);
    expect(JSON.stringify(read)).toBe(json);
    expect(read['admin']).toBeUndefined();
    expect(Object.hasOwn(read, '__proto__')).toBe(true);
    expect(readJsonObject('{}')['constructor']).toBeUndefined();
    expect(readJsonObject('{}')['__proto__']).toBeUndefined();
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
  });
});
