// The simulator in one file, with a planted bug in it or without; or another program on the same world.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { bundle } from './bundle.mjs';

const FOLDER = 'node_modules/.cache/hexis-sim';

/** Builds the simulator, in which `bug` ({ name, file, find, put }) is planted; answers the bundle's path. */
export function bundleSimulator(bug) {
  return bundleWorld('test/sim/main.ts', bug ? bug.name.replaceAll(/\W+/g, '-') : 'sim', bug);
}

/** Builds the program that begins in `entry`; answers the bundle's path. */
export function bundleWorld(entry, name, bug) {
  return bundle(entry, `${FOLDER}/${name}.mjs`, {
    minifySyntax: true,
    sourcemap: 'inline',
    plugins: bug ? [planting(bug)] : [],
  });
}

/** Throws when the source of the bug doesn't have exactly one place like the one that it changes. */
export function demandOnePlace({ name, file, find }) {
  const places = readFileSync(file, 'utf8').split(find).length - 1;
  if (places !== 1) throw new Error(`bug "${name}": ${file} has ${places} places like: ${find}`);
}

/** Changes one place of one source while it is read; nothing else of the shipping code knows about it. */
function planting(bug) {
  demandOnePlace(bug);
  const { name, file, find, put } = bug;
  return {
    name,
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        if (relative(process.cwd(), path) !== file) return undefined;
        const source = readFileSync(path, 'utf8');
        return { contents: source.replace(find, () => put), loader: 'ts' };
      });
    },
  };
}
