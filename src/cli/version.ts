import { createRequire } from 'node:module';

/** The package's version. Found by the package's own name, so the path is right from sources and from dist/. */
export const VERSION: string = createRequire(import.meta.url)('hexis/package.json').version;
