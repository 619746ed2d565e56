import fc from 'fast-check';
import { expect, test } from 'vitest';
import { closeFrame, FrameTracker } from './frames.ts';

const frame = (length: number, { masked = false, opcode = 2 } = {}): Buffer => {
  const mask = masked ? 0x80 : 0;
  const head =
    length < 126
      ? Buffer.from([0x80 | opcode, mask | length])
      : length < 65_536
        ? Buffer.from([0x80 | opcode, mask | 126, length >> 8, length & 0xff])
        : Buffer.from([
            0x80 | opcode,
            mask | 127,
            0,
            0,
            0,
            0,
            0,
            length >> 16,
            length >> 8,
            length,
          ]);
  // The payload looks like a close frame.
  return Buffer.concat([head, Buffer.alloc(masked ? 4 : 0, 0x88), Buffer.alloc(length, 0x88)]);
};

const lengths = fc.constantFrom(0, 1, 125, 126, 127, 65_535, 65_536, 70_000);

test('a frame may be inserted between two frames, and in the middle of none, however the bytes arrive', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ length: lengths, masked: fc.boolean() }), {
        minLength: 1,
        maxLength: 4,
      }),
      fc.array(fc.nat(9_000), { maxLength: 20 }),
      (shapes, cuts) => {
        const frames = shapes.map(({ length, masked }) => frame(length, { masked }));
        const bytes = Buffer.concat(frames);
        const ends = new Set([0]);
        let end = 0;
        for (const { length } of frames) ends.add((end += length));
        const read = new FrameTracker();
        let at = 0;
        for (const cut of [...cuts, bytes.length]) {
          read.read(bytes.subarray(at, at + cut));
          at = Math.min(bytes.length, at + cut);
          expect(read.mayInsert).toBe(ends.has(at));
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('a header that arrives byte by byte is read', () => {
  for (const length of [5, 300, 70_000]) {
    const read = new FrameTracker();
    const bytes = frame(length);
    for (let at = 0; at < bytes.length; at++) {
      expect(read.mayInsert).toBe(at === 0);
      read.read(bytes.subarray(at, at + 1));
    }
    expect(read.mayInsert).toBe(true);
  }
});

test('no frame may follow a close frame', () => {
  const read = new FrameTracker();
  read.read(frame(10));
  expect(read.mayInsert).toBe(true);
  read.read(closeFrame(4401, 'session_revoked'));
  expect(read.mayInsert).toBe(false);
});

test('a close frame has the bytes of RFC 6455', () => {
  expect(closeFrame(1001, 'a').toString('hex')).toBe('880303e961');
});
