console.log('No measurement is written yet.');
process.exitCode = 1;
