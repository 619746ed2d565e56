/** The opcode of a close frame (RFC 6455 § 5.5.1). */
const closeOpcode = 0x8;

/**
 * Tracks where the frames of one direction of a WebSocket begin and end (RFC 6455 § 5.2), without
 * looking at their content. The proxy may insert a frame of its own only between two frames.
 */
export class FrameTracker {
  readonly #header: number[] = [];
  /** In bytes: the missing rest of the current frame. */
  #rest = 0;
  #isClosed = false;

  /** Whether a frame may be inserted after the bytes that were read. */
  get mayInsert(): boolean {
    return this.#rest === 0 && this.#header.length === 0 && !this.#isClosed;
  }

  read(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#rest > 0) {
        const skipped = Math.min(this.#rest, bytes.length - at);
        this.#rest -= skipped;
        at += skipped;
      } else {
        this.#header.push(bytes[at] as number);
        at += 1;
        if (isWhole(this.#header)) this.#begin();
      }
    }
  }

  #begin(): void {
    const [first = 0, second = 0] = this.#header;
    this.#isClosed ||= (first & 0xf) === closeOpcode;
    const length = second & 0x7f;
    const extended = this.#header.slice(2, 2 + extendedBytes(length));
    this.#rest =
      extended.length === 0 ? length : extended.reduce((sum, byte) => sum * 256 + byte, 0);
    this.#header.length = 0;
  }
}

const extendedBytes = (length: number): number => (length < 126 ? 0 : length === 126 ? 2 : 8);

const isWhole = (header: readonly number[]): boolean => {
  const second = header[1];
  if (second === undefined) return false;
  const mask = second & 0x80 ? 4 : 0;
  return header.length === 2 + extendedBytes(second & 0x7f) + mask;
};

/** Returns a close frame of a server: unmasked, with a payload of at most 125 bytes. */
export const closeFrame = (code: number, reason: string): Buffer => {
  const text = Buffer.from(reason);
  const head = Buffer.from([0x80 | closeOpcode, 2 + text.length, code >> 8, code & 0xff]);
  return Buffer.concat([head, text]);
};
