import { TokenRevokedError } from '@pawl/core';
import { type ApiKeys, createApiKeys } from '@pawl/core/api-keys';
import { describe, expect, it } from 'vitest';
import type { KeptApiKey, Upgraded } from './first-edition.ts';

export const testApiKeys = ({ made, opened }: Upgraded): void => {
  describe('API keys of the first edition', () => {
    const apiKeys = (): ApiKeys<Record<string, unknown>> => {
      const { store, clock } = opened();
      return createApiKeys({ store, secrets: [made.secret], ...(clock && { clock }) });
    };
    const kept = (name: string): KeptApiKey => {
      const key = made.apiKeys[name];
      if (!key) throw new Error(`there is no key "${name}"`);
      return key;
    };

    it.each(['endless', 'limited', 'used'])('%s: it is verified', async (name) => {
      const { keyId, apiKey } = kept(name);
      const expected = { keyId, userId: 'keys', name, claims: { area: 'reports' } };
      expect(await apiKeys().verify(apiKey)).toMatchObject(expected);
    });

    it('revoked: it stays revoked', async () => {
      const { keyId, apiKey } = kept('revoked');
      await expect(apiKeys().verify(apiKey)).rejects.toThrow(TokenRevokedError);
      expect(await apiKeys().revoke(keyId)).toBe('already_revoked');
    });

    it('they are listed and revoked, one and then all', async () => {
      const names = (await apiKeys().list('keys')).map(({ name }) => name);
      expect(names.sort()).toEqual(['endless', 'limited', 'used']);
      expect(await apiKeys().revoke(kept('used').keyId)).toBe('revoked');
      expect(await apiKeys().revokeAll('keys')).toBe(2);
      for (const name of ['endless', 'limited', 'used']) {
        await expect(apiKeys().verify(kept(name).apiKey)).rejects.toThrow(TokenRevokedError);
      }
    });
  });
};
