import { type SessionLimit } from '@pawl/core';
import type {
  Activity,
  DataWriteInput,
  ElevationInput,
  NewSession,
  RevokeAllInput,
  RevokeInput,
  RotationInput,
  SessionStore,
} from '@pawl/core/store';

/** A call of a session store as data, so that it can be generated, raced and applied to the model. */
export type SessionCall =
  | { readonly verb: 'create'; readonly session: NewSession; readonly limit?: SessionLimit }
  | { readonly verb: 'find'; readonly sessionId: string; readonly activity?: Activity }
  | { readonly verb: 'rotate'; readonly input: RotationInput }
  | { readonly verb: 'elevate'; readonly input: ElevationInput }
  | { readonly verb: 'writeData'; readonly input: DataWriteInput }
  | { readonly verb: 'touch'; readonly sessionId: string; readonly generation: number }
  | { readonly verb: 'revoke'; readonly input: RevokeInput }
  | { readonly verb: 'revokeAll'; readonly input: RevokeAllInput }
  | { readonly verb: 'list'; readonly userId: string }
  | { readonly verb: 'deleteExpired' };

/** Makes the call and returns the result of the store unchanged. */
export const perform = (sessions: SessionStore, call: SessionCall): Promise<unknown> => {
  switch (call.verb) {
    case 'create':
      return sessions.create(call.session, call.limit);
    case 'find':
      return sessions.find(call.sessionId, call.activity);
    case 'rotate':
      return sessions.rotate(call.input);
    case 'elevate':
      return sessions.elevate(call.input);
    case 'writeData':
      return sessions.writeData(call.input);
    case 'touch':
      return sessions.touch(call.sessionId, call.generation);
    case 'revoke':
      return sessions.revoke(call.input);
    case 'revokeAll':
      return sessions.revokeAll(call.input);
    case 'list':
      return sessions.list(call.userId);
    case 'deleteExpired':
      return sessions.deleteExpired();
  }
};
