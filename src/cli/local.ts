/** Takes the words behind the subcommand's name; answers the exit code. */
export async function run(_args: string[]): Promise<number> {
  process.stderr.write('hexis: this command is not built yet\n');
  return 1;
}
