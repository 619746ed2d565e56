import fc, { type Arbitrary, type StringConstraints } from 'fast-check';

/** Text of any UTF-16 code units, halves of pairs too; most of it near ASCII. */
export const anyText = (constraints: Omit<StringConstraints, 'unit'> = {}): Arbitrary<string> =>
  fc.string({
    ...constraints,
    unit: fc
      .oneof({ weight: 3, arbitrary: fc.integer({ min: 0, max: 0xff }) }, fc.nat(0xffff))
      .map((code) => String.fromCharCode(code)),
  });
