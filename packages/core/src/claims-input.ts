/** `Member` where `T` has a required member of its own, else `never`. */
export type RequiredWhere<T, Member extends string> = {
  [Name in keyof T]-?: Partial<Pick<T, Name>> extends Pick<T, Name> ? never : Member;
}[keyof T];

interface OptionalClaims<Claims> {
  /**
   * The application's claims, carried by every access token. Default `{}`; required where their
   * type has a required member.
   */
  readonly claims?: Claims | undefined;
}

/**
 * Requires `claims` where `Claims` has a required member. (Mapped and not conditional: TypeScript
 * can then tell that what takes one kind of claims also takes unknown ones.)
 */
export type ClaimsInput<Claims> = OptionalClaims<Claims> & {
  readonly [Name in RequiredWhere<Claims, 'claims'>]: Claims;
};
