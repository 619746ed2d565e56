import type { ApiKeyInfo } from '@pawl/core/api-keys';
import type { Service } from '../service.ts';
import { newApiKey, readBody } from './body.ts';
import { DemoError } from './demo-error.ts';
import { freshLogin, guardedRoute, ok, type Route, sessionOf } from './route.ts';

const day = 86_400_000;

/** API keys for programs. They are managed with a session: a key cannot create another key. */
export const apiKeyRoutes = ({ identity: { apiKeys, sessions } }: Service): readonly Route[] => [
  guardedRoute('GET', '/api-keys', { apiKeys: false }, async ({ auth }) => {
    const keys = await apiKeys.list(auth.userId);
    return ok(keys.map(view));
  }),

  // A key outlives the session that creates it, so a stolen session must not be enough.
  guardedRoute('POST', '/api-keys', { apiKeys: false, maxAuthAge: freshLogin }, async (call) => {
    const { name, days } = await readBody(call, newApiKey);
    const lifetime = days === undefined ? {} : { lifetime: days * day };
    const { apiKey, ...key } = await apiKeys.create({
      userId: call.auth.userId,
      name,
      ...lifetime,
    });
    try {
      await sessions.get(sessionOf(call));
    } catch (error) {
      // The session ended meanwhile, and with it all keys: this one came too late to be among them.
      await apiKeys.revoke(key.keyId);
      throw error;
    }
    // The only response that contains the key.
    return { ...ok({ ...view(key), api_key: apiKey }, 201), headers: noStore };
  }),

  guardedRoute('DELETE', '/api-keys/:id', { apiKeys: false }, async ({ auth, parameters }) => {
    const outcome = await apiKeys.revoke(parameters['id'] ?? '', { userId: auth.userId });
    if (outcome === 'missing') throw new DemoError(404, 'not_found', 'there is no such key');
    return { status: 204 };
  }),
];

const noStore = { 'cache-control': 'no-store' };

const time = (ms: number | null): string | null =>
  ms === null ? null : new Date(ms).toISOString();

const view = (key: ApiKeyInfo<unknown>): Record<string, unknown> => ({
  id: key.keyId,
  name: key.name,
  created_at: time(key.createdAt),
  expires_at: time(key.expiresAt),
  last_used_at: time(key.lastUsedAt),
});
