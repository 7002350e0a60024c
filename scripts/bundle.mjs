// Programs of this checkout that are written in TypeScript, as one file of JavaScript each.

/** Bundles the program that begins in `entry`, packages left outside; answers `outfile`. `options` are esbuild's. */
export async function bundle(entry, outfile, options = {}) {
  const { build } = await import('esbuild'); // which ensurePackages may just have installed
  await build({
    entryPoints: [entry],
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    logLevel: 'warning',
    outfile,
    ...options,
  });
  return outfile;
}
