console.log('The demo is not written yet.');
process.exitCode = 1;
