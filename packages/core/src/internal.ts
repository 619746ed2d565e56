/**
 * Shared by Pawl's own packages. Not part of the public API: any release may change it.
 *
 * @internal
 */
export { createBackground, outlive } from './background.ts';
export { isLoopback, isSecureUrl } from './loopback.ts';
export { createNotifier, type EventDraft } from './notifier.ts';
export { assertOptions, type KnownNames, type OptionNames, unknownOption } from './option-names.ts';
export { pause } from './pause.ts';
export { revocationChecks } from './session/options.ts';
export { callStore } from './store/call.ts';
export { decodeBase64url, encodeBase64url } from './token/base64url.ts';
export { bytesEqual } from './token/bytes.ts';
export { isBytes, isError, isPromise } from './value-kinds.ts';
