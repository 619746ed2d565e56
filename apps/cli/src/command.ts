import type { Session } from './session.ts';

/** What a command was told, and how it tells. */
export interface Context {
  readonly name: string | undefined;
  /** Whether the user is to be made. */
  readonly isNew: boolean;
  /** Asks for it. Not an argument: others can read those. */
  readonly password: () => Promise<string>;
  readonly say: (text: string) => void;
}

/** Answers the exit status: 0 for yes, 1 for no, 64 where it was called wrongly. */
export type Command = (session: Session, context: Context) => Promise<number>;
