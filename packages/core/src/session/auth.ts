import type { AccessTokenContent } from '../access-token/format.ts';
import { readJsonObject } from '../json.ts';
import type { SessionRecord } from '../store/session-record.ts';
import { mayBeBound } from './attributes.ts';
import type { RevocationCheck } from './options.ts';
import { type SessionInfo, sessionInfo } from './session-info.ts';

/**
 * How a credential was checked: by one of the revocation checks, or `sessionless` for one that has
 * no session (an API key, an access token alone).
 */
export type AuthCheck = RevocationCheck | 'sessionless';

/** The type of `sessionId` by the check that was made. */
interface SessionIds {
  readonly session: string;
  readonly blocklist: string;
  readonly none: string | null;
  readonly sessionless: null;
}

/** The type of `session` by the check that was made. */
interface SessionInfos<Claims, Data> {
  readonly session: SessionInfo<Claims, Data>;
  readonly blocklist: null;
  readonly none: null;
  readonly sessionless: null;
}

/**
 * The result of a successful check of an access token: who the user is, and what is known of the
 * session. Fields are read from the token or the record when they are accessed.
 *
 * `Check` says how the credential was checked, and so what can be null. Without it, anything can.
 */
export interface Auth<Claims, Data, Check extends AuthCheck = AuthCheck> {
  readonly userId: string;
  /**
   * Null for a credential without a session, a token of an earlier deployment (`legacyTokens`) too. A `none` check does not require one, so it is null for
   * a JWT without `sid` (which Pawl's sessions never issue).
   */
  readonly sessionId: SessionIds[Check];
  /** The `jti` of a JWT; null for an opaque token. */
  readonly tokenId: string | null;
  /** When the access token expires, in ms since the epoch. */
  readonly expiresAt: number;
  /** The application's claims: of the token if it is a JWT, else of the session. */
  readonly claims: Claims;
  /** The session as the store has it; null if the check did not read it. */
  readonly session: SessionInfos<Claims, Data>[Check];
  /** When the user was authenticated, in ms since the epoch; null if unknown. */
  readonly authTime: number | null;
  /** How strongly the user was authenticated; null if unknown. */
  readonly acr: string | null;
  /** How the user was authenticated (RFC 8176); empty if unknown. */
  readonly amr: readonly string[];
  /** The OAuth client of the session, or null. */
  readonly clientId: string | null;
  /** Space-separated (RFC 8693 § 4.2), or null. */
  readonly scope: string | null;
  /** Who acts on behalf of the user (impersonation), or null. */
  readonly actor: string | null;
  /** The organization (tenant) that the user acts in, or null. */
  readonly organizationId: string | null;
  /** The thumbprint of the key that the token is bound to, or null: require a proof of possession. */
  readonly jkt: string | null;
}

/**
 * Parses the record only on access: most requests need the user and a claim only. The record is
 * private, so that printing an `Auth` shows no hash.
 */
export class VerifiedAuth<Claims, Data> implements Auth<Claims, Data> {
  readonly userId: string;
  readonly sessionId: string | null;
  readonly tokenId: string | null;
  readonly expiresAt: number;
  readonly #token: AccessTokenContent;
  readonly #record: SessionRecord | null;
  #session: SessionInfo<Claims, Data> | undefined;
  #claims: Claims | undefined;

  constructor(token: AccessTokenContent, userId: string, record: SessionRecord | null) {
    this.userId = userId;
    this.sessionId = token.sessionId;
    this.tokenId = token.tokenId;
    this.expiresAt = token.expiresAt;
    this.#token = token;
    this.#record = record;
  }

  get claims(): Claims {
    if (this.#token.claims) return this.#token.claims as Claims;
    this.#claims ??= readJsonObject(this.#record?.claims ?? '{}') as Claims;
    return this.#claims;
  }

  get session(): SessionInfo<Claims, Data> | null {
    if (!this.#record) return null;
    this.#session ??= sessionInfo<Claims, Data>(this.#record);
    return this.#session;
  }

  get authTime(): number | null {
    const registered = this.#token.registered?.auth_time;
    return this.session?.authTime ?? (registered === undefined ? null : registered * 1_000);
  }

  get acr(): string | null {
    return this.session?.acr ?? this.#token.registered?.acr ?? null;
  }

  get amr(): readonly string[] {
    return this.session?.amr ?? this.#token.registered?.amr ?? [];
  }

  get clientId(): string | null {
    return this.session?.clientId ?? this.#token.registered?.client_id ?? null;
  }

  get scope(): string | null {
    return this.session?.scope ?? this.#token.registered?.scope ?? null;
  }

  get actor(): string | null {
    return this.session?.actor ?? this.#token.registered?.act?.sub ?? null;
  }

  get organizationId(): string | null {
    return this.session?.organizationId ?? this.#token.registered?.org_id ?? null;
  }

  get jkt(): string | null {
    // Every guard reads it: do not parse the whole session for it.
    const bound = this.#record && mayBeBound(this.#record.attributes) && this.session?.jkt;
    return bound || (this.#token.registered?.cnf?.jkt ?? null);
  }
}
