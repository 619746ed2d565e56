import { PawlError } from './pawl-error.ts';

/**
 * Thrown by factories (`create…`, `start…`) when an option is missing, invalid or contradicts
 * another. `option` names it: correct the configuration; do not catch it at run time.
 */
export class ConfigurationError extends PawlError {
  readonly code = 'ERR_CONFIGURATION';
  /** The name of the option that has to change. */
  readonly option: string;

  constructor(option: string, problem: string) {
    super(`${option}: ${problem}`);
    this.option = option;
  }

  override get name(): 'ConfigurationError' {
    return 'ConfigurationError';
  }
}

/**
 * Thrown when an argument of a call is invalid. Nothing was read, written or consumed.
 * `argument` names it: validate user input before the call, or reply with 400.
 */
export class InvalidInputError extends PawlError {
  readonly code = 'ERR_INPUT_INVALID';
  /** The name of the argument. */
  readonly argument: string;

  constructor(argument: string, problem: string) {
    super(`${argument}: ${problem}`);
    this.argument = argument;
  }

  override get name(): 'InvalidInputError' {
    return 'InvalidInputError';
  }
}
