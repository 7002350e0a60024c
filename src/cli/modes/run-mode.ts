export async function runMode(..._args: unknown[]): Promise<number> {
  return 1;
}
