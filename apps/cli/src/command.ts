import type { Session } from './session.ts';

/** The input of a command, and its output. */
export interface CommandInput {
  readonly name: string | undefined;
  /** Whether to create the user. */
  readonly isNew: boolean;
  /** Asks for the password. It is not an argument, because others can read those. */
  readonly password: () => Promise<string>;
  /** Prints a line. */
  readonly say: (text: string) => void;
}

/** Runs a command. Returns the exit status: 0 for success, 1 for a refusal, 64 for wrong usage. */
export type Command = (session: Session, input: CommandInput) => Promise<number>;
