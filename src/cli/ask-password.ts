/** Asks for a password on the terminal, showing a star for each character. */
import { createInterface } from 'node:readline';

/** Without a terminal, the first line of stdin is taken as it is. */
export async function askPassword(question: string): Promise<string> {
  if (!process.stdin.isTTY) {
    for await (const line of createInterface({ input: process.stdin })) return line;
    return '';
  }
  process.stdout.write(question);
  process.stdin.setRawMode(true);
  process.stdin.setEncoding('utf8');
  let password = '';
  try {
    for await (const chunk of process.stdin) {
      for (const character of chunk as string) {
        if (character === '\r' || character === '\n' || character === '\x04') return password;
        if (character === '\x03') process.exit(1);
        if (character === '\x7f' || character === '\b') {
          if (password !== '') process.stdout.write('\b \b');
          password = password.slice(0, -1);
        } else {
          process.stdout.write('*');
          password += character;
        }
      }
    }
    return password;
  } finally {
    process.stdin.setRawMode(false);
    process.stdout.write('\n');
  }
}
