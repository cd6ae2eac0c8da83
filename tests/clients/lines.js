// JSON lines in and out: how the tests and a client's script talk.
import { createInterface } from 'node:readline';

/** Reads a JSON object a line, and prints what `answer` makes of each, in order. */
export async function serve(answer) {
  for await (const line of createInterface({ input: process.stdin })) {
    await answer(JSON.parse(line));
  }
}

export function print(value) {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** All of the standard input, as the one JSON value that it is. */
export async function readAll() {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) text += chunk;
  return JSON.parse(text);
}
