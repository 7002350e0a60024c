/** Asks for a password on the terminal, showing a star for each character. */
import { createInterface } from 'node:readline';

/** Without a terminal, the first line of stdin is taken as it is. */
export async function askPassword(question: string): Promise<string> {
  if (process.stdin.isTTY) return askTerminal(question);
  for await (const line of createInterface({ input: process.stdin })) return line;
  return '';
}

async function askTerminal(question: string): Promise<string> {
  const { stdin, stdout } = process;
  stdout.write(question);
  stdin.setRawMode(true);
  stdin.resume();
  const typed: string[] = [];
  await new Promise<void>((resolve) => {
    const take = (bytes: Buffer) => {
      for (const character of bytes.toString('utf8')) {
        switch (character) {
          case '\r':
          case '\n':
          case '\x04': // Ctrl-D
            stdin.off('data', take);
            resolve();
            return;
          case '\x03': // Ctrl-C
            stdin.setRawMode(false);
            process.exit(1);
            return;
          case '\x7f':
          case '\b':
            if (typed.pop() !== undefined) stdout.write('\b \b');
            break;
          default:
            typed.push(character);
            stdout.write('*');
        }
      }
    };
    stdin.on('data', take);
  });
  stdin.pause();
  stdin.setRawMode(false);
  stdout.write('\n');
  return typed.join('');
}
