import fc from 'fast-check';

// On a slow machine a property test makes fewer runs, because it must end before the runner ends it.
fc.configureGlobal({ ...fc.readConfigureGlobal(), interruptAfterTimeLimit: 12_000 });
