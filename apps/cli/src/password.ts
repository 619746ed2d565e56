import { text } from 'node:stream/consumers';
import { read } from 'read';

/** Asks for the password without showing it. From a pipe, it reads the first line. */
export const askPassword = async (): Promise<string> => {
  if (process.stdin.isTTY)
    return read({ prompt: 'Password: ', silent: true, output: process.stderr });
  const [line = ''] = (await text(process.stdin)).split(/\r?\n/);
  return line;
};
