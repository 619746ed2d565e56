import type { SessionRecord } from '@pawl/core/store';
import { idOfKey } from '../key-names.ts';
import { decodeSession } from './layout.ts';

/** What a script says of one session: see `lua/answer.ts`. */
export interface SessionAnswer<K extends string> {
  readonly kind: K;
  readonly record: SessionRecord;
  /** The server's time. */
  readonly now: number;
  /** In ms: of the last rotation, where the verb asks for it. */
  readonly age: number;
}

const at = { age: 6, kindLength: 12, key: 13, kind: 39 } as const;

/** @param reply of a script: nothing where there is no such session. */
export const decodeAnswer = <K extends string>(reply: unknown): SessionAnswer<K> | null => {
  if (reply === null) return null;
  const bytes = reply as Buffer;
  const record = at.kind + (bytes[at.kindLength] as number);
  return {
    kind: bytes.toString('latin1', at.kind, record) as K,
    record: decodeSession(idOfKey(bytes.subarray(at.key, at.kind)), bytes.subarray(record)),
    now: bytes.readUIntBE(0, 6),
    age: bytes.readIntBE(at.age, 6),
  };
};
