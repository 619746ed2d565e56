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

/** A call of a session store as data: so that it can be drawn at random, raced and modelled. */
export type SessionCall =
  | { readonly verb: 'create'; readonly session: NewSession; readonly limit?: SessionLimit }
  | { readonly verb: 'find'; readonly sessionId: string; readonly activity?: Activity }
  | { readonly verb: 'rotate'; readonly request: RotationInput }
  | { readonly verb: 'elevate'; readonly request: ElevationInput }
  | { readonly verb: 'writeData'; readonly request: DataWriteInput }
  | { readonly verb: 'touch'; readonly sessionId: string; readonly generation: number }
  | { readonly verb: 'revoke'; readonly input: RevokeInput }
  | { readonly verb: 'revokeAll'; readonly input: RevokeAllInput }
  | { readonly verb: 'list'; readonly userId: string }
  | { readonly verb: 'deleteExpired' };

/** Makes the call. Answers what the store answered, as it is. */
export const perform = (sessions: SessionStore, call: SessionCall): Promise<unknown> => {
  switch (call.verb) {
    case 'create':
      return sessions.create(call.session, call.limit);
    case 'find':
      return sessions.find(call.sessionId, call.activity);
    case 'rotate':
      return sessions.rotate(call.request);
    case 'elevate':
      return sessions.elevate(call.request);
    case 'writeData':
      return sessions.writeData(call.request);
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
