import { describe, expect, it } from 'vitest';
import { checkHistory } from './check.ts';
import type { Expectations } from './expectations.ts';
import type { Operation } from './operation.ts';

const calm: Expectations = { gracePeriod: 1_000, unavailable: false, losses: [] };
const stormy: Expectations = { ...calm, unavailable: true };
const second = 1_000_000;

/** An operation that took 10 µs, beginning at `invoked`. */
const operation = (
  invoked: number,
  kind: Operation['kind'],
  outcome: string,
  more: Partial<Operation> = {},
): Operation => ({
  node: 'node 1',
  actor: 'client',
  kind,
  sessionId: 's',
  generation: -1,
  token: null,
  invoked,
  answered: invoked + 10,
  outcome,
  minted: null,
  ...more,
});

const tokens = (generation: number, token: string): Pick<Operation, 'minted'> => ({
  minted: { generation, token, userId: 'u', expiresAt: 9_000, accessExpiresAt: 600 },
});

const login = operation(0, 'login', 'created', tokens(0, 't0'));

/** A refresh that exchanges the token of a generation for the next one. */
const rotation = (invoked: number, generation: number, more: Partial<Operation> = {}): Operation =>
  operation(invoked, 'refresh', 'rotated', {
    generation,
    token: `t${generation}`,
    ...tokens(generation + 1, `t${generation + 1}`),
    ...more,
  });

const replay = (invoked: number, generation: number, more: Partial<Operation> = {}): Operation =>
  rotation(invoked, generation, { outcome: 'replayed', ...more });

const refused = (
  invoked: number,
  generation: number,
  outcome: string,
  more: Partial<Operation> = {},
): Operation =>
  operation(invoked, 'refresh', outcome, { generation, token: `t${generation}`, ...more });

const auditor = { actor: 'auditor' } as const;

const history = [
  login,
  rotation(100, 0),
  replay(105, 0),
  refused(106, 0, 'ERR_REFRESH_RETRY'),
  rotation(200, 1),
  rotation(300, 2, auditor),
];

const brokenRules = (
  operations: readonly Operation[],
  expectations: Expectations = calm,
): string[] => [...new Set(checkHistory(operations, expectations).map(({ rule }) => rule))];

describe('the checker', () => {
  it('finds nothing in a correct history', () => {
    expect(checkHistory(history, calm)).toEqual([]);
  });

  it.each<[string, string, readonly Operation[], Expectations?]>([
    [
      'two successors of one token',
      'I1 one successor',
      [login, rotation(100, 0), replay(105, 0, tokens(1, 'other')), rotation(300, 1, auditor)],
    ],
    [
      'a token that was rotated twice',
      'I1 one successor',
      [login, rotation(100, 0), rotation(105, 0), rotation(300, 1, auditor)],
    ],
    [
      'a skipped generation',
      'I1 one successor',
      [login, rotation(100, 0, tokens(2, 't2')), rotation(300, 2, auditor)],
    ],
    [
      'a different token while settling',
      'I1 one successor',
      [
        login,
        rotation(100, 0, { outcome: 'settled', ...tokens(0, 'x') }),
        rotation(300, 0, auditor),
      ],
    ],
    ['a logout without a cause', 'I2 cause', [login, refused(100, 0, 'ERR_SESSION_REVOKED')]],
    [
      'a false reuse detection',
      'I2 cause',
      [login, rotation(9, 0), refused(100, 0, 'ERR_REUSE_DETECTED')],
    ],
    ['a missing session', 'I2 cause', [login, refused(100, 0, 'ERR_SESSION_NOT_FOUND')]],
    [
      'a logout before its revocation',
      'I2 cause',
      [login, refused(100, 0, 'ERR_SESSION_REVOKED'), operation(200, 'revoke', 'revoked')],
    ],
    [
      'a refresh after the revocation',
      'I3 revocation',
      [login, operation(100, 'revoke', 'revoked'), rotation(200, 0)],
    ],
    [
      'an access token after the revocation',
      'I3 revocation',
      [login, operation(100, 'revoke', 'already_revoked'), operation(200, 'verify', 'ok')],
    ],
    [
      'tokens for a token that was consumed two generations earlier',
      'I4 consumed',
      [login, rotation(100, 0), rotation(200, 1), replay(300, 0), rotation(400, 2, auditor)],
    ],
    [
      'tokens long after the grace period although the successor is confirmed',
      'I4 consumed',
      [
        login,
        rotation(100, 0),
        rotation(200, 1, { outcome: 'settled', ...tokens(1, 't1') }),
        replay(3 * second, 0),
        rotation(4 * second, 1, auditor),
      ],
    ],
    [
      'another user',
      'I5, I6 lifetimes',
      [
        login,
        rotation(100, 0, {
          minted: { ...tokens(1, 't1').minted, userId: 'v' } as Operation['minted'],
        }),
        rotation(300, 1, auditor),
      ],
    ],
    [
      'an absolute expiry that changed',
      'I5, I6 lifetimes',
      [
        login,
        rotation(100, 0, {
          minted: { ...tokens(1, 't1').minted, expiresAt: 9_001 } as Operation['minted'],
        }),
        rotation(300, 1, auditor),
      ],
    ],
    [
      'a replay that returned before its rotation began',
      'E5 linearizable',
      [login, rotation(100, 0), rotation(200, 1), replay(150, 1), rotation(300, 2, auditor)],
    ],
    [
      'a generation that no call created',
      'E5 linearizable',
      [login, replay(100, 0), rotation(300, 1, auditor)],
    ],
    [
      'a stale read',
      'E5 linearizable',
      [
        login,
        rotation(100, 0),
        refused(150, 0, 'settled', tokens(0, 't0')),
        rotation(300, 1, auditor),
      ],
    ],
    ['an acknowledged successor that was never used', 'acknowledged', [login, rotation(100, 0)]],
    [
      'an acknowledged successor that was lost',
      'acknowledged',
      [login, rotation(100, 0), refused(200, 1, 'ERR_STORE_UNAVAILABLE', auditor)],
      stormy,
    ],
    [
      'an acknowledged rotation that was undone',
      'acknowledged',
      [login, rotation(100, 0), rotation(200, 1), rotation(300, 0, auditor)],
    ],
    [
      'a failure without a fault',
      'availability',
      [login, refused(100, 0, 'ERR_STORE_UNAVAILABLE'), rotation(300, 0, auditor)],
    ],
    [
      'a regression although the store loses nothing',
      'availability',
      [login, refused(100, 0, 'ERR_STORE_REGRESSION'), rotation(300, 0, auditor)],
      stormy,
    ],
    [
      'a damaged record',
      'availability',
      [login, refused(100, 0, 'ERR_STORE_RECORD'), rotation(300, 0, auditor)],
      stormy,
    ],
    [
      'an unknown error',
      'availability',
      [login, refused(100, 0, 'THROWN'), rotation(300, 0, auditor)],
      stormy,
    ],
  ])('finds %s', (_, rule, operations, expectations = calm) => {
    expect(brokenRules(operations, expectations)).toContain(rule);
  });

  it('allows replays after a lost reply, even late ones, until the successor is used', () => {
    const lost = refused(100, 0, 'ERR_STORE_UNAVAILABLE');
    const late = replay(5 * second, 0);
    const operations = [login, lost, replay(200, 0), late, rotation(6 * second, 1, auditor)];
    expect(checkHistory(operations, stormy)).toEqual([]);
  });

  it('allows a session to end after a revocation or a theft', () => {
    const ended = [
      login,
      rotation(100, 0),
      operation(200, 'revoke', 'revoked'),
      refused(300, 1, 'ERR_SESSION_REVOKED'),
    ];
    const stolen = [
      login,
      rotation(100, 0),
      rotation(200, 1),
      refused(300, 0, 'ERR_REUSE_DETECTED', { actor: 'thief' }),
      refused(400, 2, 'ERR_SESSION_REVOKED'),
    ];
    expect(checkHistory([...ended], calm)).toEqual([]);
    expect(checkHistory(stolen, calm)).toEqual([]);
  });

  it('allows a regression after a loss that the expectations declare', () => {
    const losses = [[150, 400]] as const;
    const lossy = { ...stormy, losses };
    const before = [login, rotation(100, 0), rotation(200, 1)];
    const regression = refused(500, 2, 'ERR_STORE_REGRESSION', auditor);
    expect(checkHistory([...before, regression], lossy)).toEqual([]);
    expect(brokenRules([...before, regression], stormy)).toContain('availability');
    // Written before the declared loss.
    const later = { ...stormy, losses: [[300, 400]] } as const;
    expect(brokenRules([...before, regression], later)).not.toEqual([]);
  });

  it('finds a fork that a store accepts after a loss', () => {
    const losses = [[150, 400]] as const;
    const operations = [
      login,
      rotation(200, 0),
      rotation(500, 0, tokens(1, 'other')),
      rotation(600, 1, { token: 'other', ...tokens(2, 'other 2') }),
      rotation(700, 1, auditor),
    ];
    expect(brokenRules(operations, { ...stormy, losses })).toContain('I1 one successor');
  });
});
