/** Every member of `T` may be absent or undefined, also under `exactOptionalPropertyTypes`. */
export type Optional<T> = { readonly [Member in keyof T]?: T[Member] | undefined };
