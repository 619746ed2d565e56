import { hash } from 'node:crypto';
import { type IssuedTokens, isPawlError, type Sessions } from '@pawl/core';
import type { HistoryLog } from '../history/log.ts';
import { type Actor, type Minted, monotonicNow, type Operation } from '../history/operation.ts';

/** The result of a call. */
export interface CallResult {
  /** The outcome, or the code of the error. */
  readonly outcome: string;
  readonly tokens: IssuedTokens | null;
  /** The driver's message, if the call failed. */
  readonly detail?: string;
}

type Subject = Pick<Operation, 'actor' | 'kind' | 'sessionId' | 'generation' | 'token'>;

/** A node that writes every call to the history. */
export class Recorder {
  readonly #node: string;
  readonly #sessions: Sessions<object, object>;
  readonly #log: HistoryLog;

  constructor(node: string, sessions: Sessions<object, object>, log: HistoryLog) {
    this.#node = node;
    this.#sessions = sessions;
    this.#log = log;
  }

  login(userId: string): Promise<CallResult> {
    const subject = { actor: 'client', kind: 'login', sessionId: '', generation: -1, token: null };
    return this.#record(subject as Subject, async () =>
      successOf(await this.#sessions.create({ userId })),
    );
  }

  refresh(token: string, actor: Actor = 'client'): Promise<CallResult> {
    const subject: Subject = { actor, kind: 'refresh', ...read(token), token: fingerprint(token) };
    return this.#record(subject, async () => successOf(await this.#sessions.refresh(token)));
  }

  verify(
    { accessToken, refreshToken }: IssuedTokens,
    actor: Actor = 'client',
  ): Promise<CallResult> {
    const subject: Subject = { actor, kind: 'verify', ...read(refreshToken), token: null };
    return this.#record(subject, async () => {
      await this.#sessions.verify(accessToken);
      return { outcome: 'ok', tokens: null };
    });
  }

  revoke(sessionId: string): Promise<CallResult> {
    const subject: Subject = {
      actor: 'administrator',
      kind: 'revoke',
      sessionId,
      generation: -1,
      token: null,
    };
    return this.#record(subject, async () => ({
      outcome: await this.#sessions.revoke(sessionId),
      tokens: null,
    }));
  }

  async #record(subject: Subject, call: () => Promise<CallResult>): Promise<CallResult> {
    const invoked = monotonicNow();
    const result = await call().catch(failureOf);
    const minted = result.tokens && mintedOf(result.tokens);
    this.#log.append({
      node: this.#node,
      ...subject,
      sessionId: result.tokens?.sessionId ?? subject.sessionId,
      invoked,
      answered: monotonicNow(),
      outcome: result.outcome,
      minted,
      ...(result.detail !== undefined && { detail: result.detail }),
    });
    return result;
  }
}

const successOf = (tokens: IssuedTokens): CallResult => ({
  outcome: tokens.outcome,
  tokens,
});

/** An error of another kind than PawlError has the outcome `THROWN`, which no rule allows. */
const failureOf = (error: unknown): CallResult => {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const detail = cause instanceof Error ? cause.message : String(cause);
  return { outcome: isPawlError(error) ? error.code : 'THROWN', tokens: null, detail };
};

const fingerprint = (token: string): string => hash('sha256', token, 'base64url').slice(0, 16);

/** Bytes 3 to 20 of a token are the session id, bytes 21 to 24 the generation. */
const read = (token: string): { sessionId: string; generation: number } => {
  const bytes = Buffer.from(token.slice(-104), 'base64url');
  return {
    sessionId: bytes.subarray(3, 21).toString('base64url'),
    generation: bytes.readUInt32BE(21),
  };
};

const mintedOf = (tokens: IssuedTokens): Minted => ({
  generation: read(tokens.refreshToken).generation,
  token: fingerprint(tokens.refreshToken),
  userId: tokens.userId,
  expiresAt: tokens.refreshTokenExpiresAt,
  accessExpiresAt: tokens.accessTokenExpiresAt,
});
