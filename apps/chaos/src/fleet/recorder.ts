import { hash } from 'node:crypto';
import { type IssuedTokens, isPawlError, type Sessions } from '@pawl/core';
import type { HistoryLog } from '../history/log.ts';
import { type Actor, type Minted, monotonicNow, type Operation } from '../history/operation.ts';

/** What a call achieved, or the code of its error; and the tokens, if it was answered with any. */
export interface Answer {
  readonly outcome: string;
  readonly tokens: IssuedTokens | null;
  /** Of a failure: what the driver said. */
  readonly detail?: string;
}

type Subject = Pick<Operation, 'actor' | 'kind' | 'sessionId' | 'generation' | 'token'>;

/** A node whose every call is written to the history. */
export class Recorder {
  readonly #node: string;
  readonly #sessions: Sessions<object, object>;
  readonly #log: HistoryLog;

  constructor(node: string, sessions: Sessions<object, object>, log: HistoryLog) {
    this.#node = node;
    this.#sessions = sessions;
    this.#log = log;
  }

  login(userId: string): Promise<Answer> {
    const subject = { actor: 'client', kind: 'login', sessionId: '', generation: -1, token: null };
    return this.#record(subject as Subject, async () =>
      told(await this.#sessions.create({ userId })),
    );
  }

  refresh(token: string, actor: Actor = 'client'): Promise<Answer> {
    const subject: Subject = { actor, kind: 'refresh', ...read(token), token: fingerprint(token) };
    return this.#record(subject, async () => told(await this.#sessions.refresh(token)));
  }

  verify({ accessToken, refreshToken }: IssuedTokens, actor: Actor = 'client'): Promise<Answer> {
    const subject: Subject = { actor, kind: 'verify', ...read(refreshToken), token: null };
    return this.#record(subject, async () => {
      await this.#sessions.verify(accessToken);
      return { outcome: 'ok', tokens: null };
    });
  }

  revoke(sessionId: string): Promise<Answer> {
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

  async #record(subject: Subject, call: () => Promise<Answer>): Promise<Answer> {
    const invoked = monotonicNow();
    const answer = await call().catch(failure);
    const minted = answer.tokens && mintedOf(answer.tokens);
    this.#log.append({
      node: this.#node,
      ...subject,
      sessionId: answer.tokens?.sessionId ?? subject.sessionId,
      invoked,
      answered: monotonicNow(),
      outcome: answer.outcome,
      minted,
      ...(answer.detail !== undefined && { detail: answer.detail }),
    });
    return answer;
  }
}

const told = (tokens: IssuedTokens): Answer => ({
  outcome: tokens.outcome,
  tokens,
});

/** An error that is none of Pawl's is told by its name, which no rule expects. */
const failure = (error: unknown): Answer => {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const detail = cause instanceof Error ? cause.message : String(cause);
  return { outcome: isPawlError(error) ? error.code : 'THROWN', tokens: null, detail };
};

const fingerprint = (token: string): string => hash('sha256', token, 'base64url').slice(0, 16);

/** Bytes 3 … 20 of the token are the session's id, bytes 21 … 24 its generation. */
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
