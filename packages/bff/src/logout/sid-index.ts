import { base64url } from 'jose';
import type { BffContext } from '../context.ts';
import { callStore } from '../store-call.ts';

type IndexContext = Pick<
  BffContext<unknown, unknown>,
  'singleUse' | 'provider' | 'absoluteTimeout'
>;

/**
 * Remembers whose a session of the provider's is: a logout token may name the session
 * and nobody. It lives as long as a session that begins now can.
 *
 * @throws StoreUnavailableError
 */
export const rememberSid = async (
  context: IndexContext,
  sid: string,
  userId: string,
): Promise<void> => {
  const { singleUse, absoluteTimeout } = context;
  const key = await keyOf(context, sid);
  const put = (): Promise<boolean> => singleUse.put(key, userId, absoluteTimeout);
  await callStore(async () => {
    if (await put()) return;
    // Known from a login before: for longer now. Whoever races here writes the same.
    await singleUse.take(key);
    await put();
  });
};

/** Whose session it is, or null. It is remembered on. @throws StoreUnavailableError */
export const userOfSid = async (context: IndexContext, sid: string): Promise<string | null> => {
  const { singleUse, absoluteTimeout } = context;
  const key = await keyOf(context, sid);
  return callStore(async () => {
    const userId = await singleUse.take(key);
    if (userId !== null) await singleUse.put(key, userId, absoluteTimeout);
    return userId;
  });
};

const keyOf = async ({ provider }: IndexContext, sid: string): Promise<string> => {
  const bytes = new TextEncoder().encode(`bff sid\n${provider.issuer}\n${sid}`);
  return base64url.encode(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
};
