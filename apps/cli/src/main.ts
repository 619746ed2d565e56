import { parseArgs } from 'node:util';
import type { Command } from './command.ts';
import { login } from './commands/login.ts';
import { logout } from './commands/logout.ts';
import { whoami } from './commands/whoami.ts';
import { askPassword } from './password.ts';
import { openSession } from './session.ts';

const commands: Readonly<Record<string, Command>> = { login, whoami, logout };

const usage = `login <name> [--new]   log in; --new creates the user
whoami                 ask the service who is logged in
logout                 end the session, here and at the service`;

interface Invocation {
  readonly command: Command;
  readonly name: string | undefined;
  readonly isNew: boolean;
}

/** Returns null if the arguments are wrong. */
const readArguments = (): Invocation | null => {
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
  const invocation = readArguments();
  if (!invocation) {
    console.error(usage);
    return 64;
  }
  const { command, name, isNew } = invocation;
  const input = { name, isNew, password: askPassword, say: console.log };
  const session = openSession(process.env);
  // Tokens are sent only to the service that issued them.
  const status = command === login ? undefined : await session.login.status();
  if (status?.kind === 'live' && status.data.service !== session.service.origin) {
    console.error(`The login is for ${status.data.service}: set PAWL_DEMO_URL to that.`);
    return 1;
  }
  return command(session, input);
};

try {
  process.exitCode = await run();
} catch (error) {
  // Messages contain no token. Nothing else of an error is printed.
  const cause =
    error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
  console.error(error instanceof Error ? `${error.message}${cause}` : 'failed');
  process.exitCode = 2;
}
