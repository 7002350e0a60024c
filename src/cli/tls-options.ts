/** The TLS options of the command line as Node takes them. */
import type { ConnectionOptions as TlsOptions } from 'node:tls';
import { type TlsFiles, UsageError } from './options.js';

/** Reads the files. `host` is the name to ask for unless another was given. @throws UsageError */
export async function tlsOptions(files: TlsFiles, host?: string): Promise<TlsOptions> {
  const { readFileSync, readdirSync } = await import('node:fs');
  const { isIP } = await import('node:net');
  const read = (path: string | undefined) => (path === undefined ? undefined : readFileSync(path));
  try {
    const directory = files.caDirectory;
    const names = directory === undefined ? [] : readdirSync(directory).map((name) => `${directory}/${name}`);
    const ca = [files.ca, ...names].flatMap((path) => read(path) ?? []);
    return {
      ca: ca.length > 0 ? ca : undefined,
      cert: read(files.certificate),
      key: read(files.key),
      ciphers: [files.ciphersuites, files.ciphers].filter(Boolean).join(':') || undefined,
      servername: files.serverName ?? (host !== undefined && isIP(host) === 0 ? host : undefined),
      // As redis-cli: the certificate must be signed by a trusted CA; its name is not compared with the host.
      checkServerIdentity: () => undefined,
      rejectUnauthorized: !files.insecure,
    };
  } catch (error) {
    throw new UsageError(`Cannot read a TLS file: ${(error as Error).message}`);
  }
}
