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
  it('finds nothing in a history that is well', () => {
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
      'a generation that was jumped over',
      'I1 one successor',
      [login, rotation(100, 0, tokens(2, 't2')), rotation(300, 2, auditor)],
    ],
    [
      'another token while settling',
      'I1 one successor',
      [
        login,
        rotation(100, 0, { outcome: 'settled', ...tokens(0, 'x') }),
        rotation(300, 0, auditor),
      ],
    ],
    ['a logout that nobody asked for', 'I2 cause', [login, refused(100, 0, 'ERR_SESSION_REVOKED')]],
    ['a false alarm', 'I2 cause', [login, rotation(9, 0), refused(100, 0, 'ERR_REUSE_DETECTED')]],
    ['a session that is gone', 'I2 cause', [login, refused(100, 0, 'ERR_SESSION_NOT_FOUND')]],
    [
      'a logout before it was asked for',
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
      'a token that minted two generations later',
      'I4 consumed',
      [login, rotation(100, 0), rotation(200, 1), replay(300, 0), rotation(400, 2, auditor)],
    ],
    [
      'a confirmed token that minted long after the grace period',
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
      'an absolute expiry that moved',
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
      'a rotation that was overtaken by its own past',
      'E5 linearizable',
      [login, rotation(100, 0), rotation(200, 1), replay(150, 1), rotation(300, 2, auditor)],
    ],
    [
      'a generation that nobody made',
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
    ['an acknowledged successor that nobody could use', 'acknowledged', [login, rotation(100, 0)]],
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
      'a failure that nothing caused',
      'availability',
      [login, refused(100, 0, 'ERR_STORE_UNAVAILABLE'), rotation(300, 0, auditor)],
    ],
    [
      'a regression where the store loses nothing',
      'availability',
      [login, refused(100, 0, 'ERR_STORE_REGRESSION'), rotation(300, 0, auditor)],
      stormy,
    ],
    [
      'half a record',
      'availability',
      [login, refused(100, 0, 'ERR_STORE_RECORD'), rotation(300, 0, auditor)],
      stormy,
    ],
    [
      'an error of no kind',
      'availability',
      [login, refused(100, 0, 'THROWN'), rotation(300, 0, auditor)],
      stormy,
    ],
  ])('finds %s', (_, rule, operations, expectations = calm) => {
    expect(brokenRules(operations, expectations)).toContain(rule);
  });

  it('lets a lost reply be repeated, at once and late, while nobody used the successor', () => {
    const lost = refused(100, 0, 'ERR_STORE_UNAVAILABLE');
    const late = replay(5 * second, 0);
    const operations = [login, lost, replay(200, 0), late, rotation(6 * second, 1, auditor)];
    expect(checkHistory(operations, stormy)).toEqual([]);
  });

  it('lets a session end that somebody ended, or stole from', () => {
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

  it('lets a store lose what it may lose, if it says so', () => {
    const losses = [[150, 400]] as const;
    const lossy = { ...stormy, losses };
    const before = [login, rotation(100, 0), rotation(200, 1)];
    const told = refused(500, 2, 'ERR_STORE_REGRESSION', auditor);
    expect(checkHistory([...before, told], lossy)).toEqual([]);
    expect(brokenRules([...before, told], stormy)).toContain('availability');
    // Longer ago than it may lose.
    expect(brokenRules([...before, told], { ...stormy, losses: [[300, 400]] })).not.toEqual([]);
  });

  it('finds a fork that a store accepts after it has lost something', () => {
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
