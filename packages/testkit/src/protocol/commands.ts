import fc, { type Arbitrary } from 'fast-check';
import {
  elevate,
  failOver,
  list,
  login,
  logout,
  pass,
  refresh,
  restart,
  resume,
  revokeAll,
  rollRoots,
  use,
  write,
} from './operations.ts';
import type { Driver } from './primary.ts';
import { day, hour, lateCallers, lateRun, loseRotations, minute, second } from './scenes.ts';
import type { Aim, Step } from './steps.ts';

/** In ms: every boundary of the table, a little less and more, and long absences. */
const periods: readonly number[] = [
  1,
  second,
  10 * second - 1,
  10 * second,
  10 * second + 1,
  minute - 1,
  minute,
  2 * minute,
  2 * minute + 1,
  9 * minute,
  10 * minute - 1,
  10 * minute,
  4 * hour,
  day,
  13 * day,
  14 * day,
];

/** Returns the commands of clients, thieves, administrators and operators, and of time. */
export const protocolCommands = (): Arbitrary<Step>[] => {
  const driver = fc.constantFrom<Driver>('once', 'once', 'once', 'once', 'twice', 'twice', 'lost');
  const aim = (maxBack: number): Arbitrary<Aim> =>
    fc.record({
      session: fc.nat(15),
      back: fc.oneof(
        { weight: 6, arbitrary: fc.constant(0) },
        { weight: 2, arbitrary: fc.nat(maxBack) },
        { weight: 1, arbitrary: fc.constantFrom(-1, -2) },
      ),
      line: fc.nat(2),
      node: fc.nat(1),
      driver,
    });
  const user = fc.nat(1);
  const node = fc.nat(1);
  const canRenew = fc.constantFrom(true, true, true, false);
  const logins = fc
    .tuple(user, node, fc.constantFrom<Driver>('once', 'twice'))
    .map((all) => login(...all));
  const present = fc.constantFrom(refresh, (at: Aim) => resume(at, true));
  return [
    logins,
    logins,
    logins,
    aim(1).map(refresh),
    aim(1).map(refresh),
    aim(6).map(refresh),
    fc.tuple(aim(1), canRenew).map((all) => resume(...all)),
    fc.tuple(aim(1), canRenew).map((all) => resume(...all)),
    fc.tuple(aim(6), canRenew).map((all) => resume(...all)),
    aim(2).map(use),
    fc.constantFrom(...periods).map(pass),
    fc.constantFrom(...periods.slice(0, 12)).map(pass),
    aim(0).map(write),
    aim(0).map(elevate),
    fc.tuple(aim(6), fc.constantFrom('refreshToken', 'accessToken')).map(([a, k]) => logout(a, k)),
    fc.tuple(user, node, driver).map((all) => revokeAll(...all)),
    fc.tuple(user, node).map((all) => list(...all)),
    fc.constantFrom(1, 2, 3, 5, 8).map(failOver),
    fc
      .tuple(
        aim(0),
        present,
        fc.boolean(),
        fc.constantFrom(...periods.slice(0, 13)),
        fc.constantFrom(1, 2, 3, 4, 5, 6, 7, 20, 21, 22),
      )
      .map((all) => lateCallers(...all)),
    fc
      .tuple(aim(0), present, fc.constantFrom(1, 2, 3, 4, 5), fc.boolean())
      .map((all) => lateRun(...all)),
    fc
      .tuple(
        aim(0),
        present,
        fc.constantFrom(1, 1, 2, 3),
        fc.constantFrom(0, 1, 1, 2),
        fc.boolean(),
        fc.constantFrom(...periods.slice(0, 8)),
      )
      .map((all) => loseRotations(...all)),
    node.map(restart),
    fc.constant(null).map(rollRoots),
  ];
};
