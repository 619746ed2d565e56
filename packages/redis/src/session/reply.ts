import type { SessionRecord } from '@pawl/core/store';
import { idOfKeyName } from '../key-names.ts';
import { decodeSession } from './layout.ts';

/** The decoded reply of a session script; `lua/session/reply.ts` packs it. */
export interface SessionReply<K extends string> {
  readonly kind: K;
  readonly record: SessionRecord;
  /** The server's time, in ms since the epoch. */
  readonly now: number;
  /** The time since the last rotation, in ms; 0 if the script does not rotate. */
  readonly age: number;
}

const at = { age: 6, kindLength: 12, key: 13, kind: 39 } as const;

/**
 * Decodes the reply of a session script.
 *
 * @param reply what the script returned; null if the session is missing
 */
export const decodeReply = <K extends string>(reply: unknown): SessionReply<K> | null => {
  if (reply === null) return null;
  const bytes = reply as Buffer;
  const record = at.kind + (bytes[at.kindLength] as number);
  return {
    kind: bytes.toString('latin1', at.kind, record) as K,
    record: decodeSession(idOfKeyName(bytes.subarray(at.key, at.kind)), bytes.subarray(record)),
    now: bytes.readUIntBE(0, 6),
    age: bytes.readIntBE(at.age, 6),
  };
};

/** Returns whether a script returned this word. */
export const isText = (bytes: Buffer, text: string): boolean => bytes.toString() === text;

/** Returns the same bytes as the client takes them. */
export const asBuffer = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);
