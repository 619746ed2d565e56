import { InvalidInputError } from '@pawl/core';

/** The content of one file. */
export interface FileContent {
  readonly id: string;
  /** In ms since the epoch; null: it never expires. */
  readonly expiresAt: number | null;
  readonly value: unknown;
  /** Single-use values only: the callId of the call that stored the value. Earlier versions ignore it. */
  readonly putBy?: string | undefined;
}

const version = 1;
/** In characters of JSON. */
const maxLength = 262_144;

/** @throws InvalidInputError if the value cannot be written as JSON, or is too long */
export const writeRecord = ({ id, expiresAt, value, putBy }: FileContent): string => {
  if (expiresAt !== null && !Number.isFinite(expiresAt)) {
    throw new InvalidInputError('expiresAt', 'must be in ms since the epoch');
  }
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch {
    text = undefined;
  }
  if (text === undefined) throw new InvalidInputError('value', 'cannot be written as JSON');
  if (text.length > maxLength) {
    throw new InvalidInputError('value', `is longer than ${maxLength} characters of JSON`);
  }
  const call = putBy === undefined ? '' : `,"putBy":${JSON.stringify(putBy)}`;
  return `{"version":${version},"id":${JSON.stringify(id)},"expiresAt":${expiresAt},"value":${text}${call}}\n`;
};

/**
 * Parses the text of a file. Returns null if it is not a record. The parser's error is dropped,
 * because it quotes the text.
 */
export const readRecord = (text: string): FileContent | null => {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return null;
  }
  return isRecord(content) ? content : null;
};

const isRecord = (content: unknown): content is FileContent =>
  typeof content === 'object' &&
  content !== null &&
  'version' in content &&
  content.version === version &&
  'id' in content &&
  typeof content.id === 'string' &&
  'value' in content &&
  'expiresAt' in content &&
  (content.expiresAt === null || typeof content.expiresAt === 'number');
