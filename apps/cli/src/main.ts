import { parseArgs } from 'node:util';
import type { Command } from './command.ts';
import { login } from './commands/login.ts';
import { logout } from './commands/logout.ts';
import { whoami } from './commands/whoami.ts';
import { askPassword } from './password.ts';
import { openSession } from './session.ts';

const commands: Readonly<Record<string, Command>> = { login, whoami, logout };

const usage = `login <name> [--new]   log in; --new makes the user
whoami                 ask the service who this is
logout                 end the session, here and there`;

interface Called {
  readonly command: Command;
  readonly name: string | undefined;
  readonly isNew: boolean;
}

/** Null where it was called wrongly. */
const readArguments = (): Called | null => {
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: { new: { type: 'boolean', default: false } },
    });
    const [verb = '', name, ...more] = positionals;
    const command = Object.hasOwn(commands, verb) ? commands[verb] : undefined;
    return command && more.length === 0 ? { command, name, isNew: values.new } : null;
  } catch {
    return null;
  }
};

const run = async (): Promise<number> => {
  const called = readArguments();
  if (!called) {
    console.error(usage);
    return 64;
  }
  const { command, name, isNew } = called;
  const context = { name, isNew, password: askPassword, say: console.log };
  const session = openSession(process.env);
  // A token is for the service that gave it: no other one is to see it.
  const status = command === login ? undefined : await session.login.status();
  if (status?.kind === 'live' && status.data.service !== session.service.origin) {
    console.error(`The login is for ${status.data.service}: set PAWL_DEMO_URL to that.`);
    return 1;
  }
  return command(session, context);
};

try {
  process.exitCode = await run();
} catch (error) {
  // Names and messages of ours carry no token; nothing else of an error is shown.
  const cause =
    error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
  console.error(error instanceof Error ? `${error.message}${cause}` : 'failed');
  process.exitCode = 2;
}
