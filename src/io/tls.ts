/**
 * TLS as the `tls-*` directives ask for it: the contexts of the two sides, made anew when a directive changes.
 *
 * As in Redis, certificates must be signed by the configured CA and host names aren't compared: nodes know each other
 * by address. Node's own OpenSSL does the work; sockets and links stay the same (tcp-link.ts).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { type ConnectionOptions, createSecureContext, type SecureVersion, type TlsOptions } from 'node:tls';
import type { Config, DirectiveName } from '../node/config/index.js';
import type { DialPurpose } from '../node/host.js';
import { pathOf } from './config-files.js';

/** The directives that the contexts are made from. */
export const TLS_DIRECTIVES = [
  'tls-cert-file',
  'tls-key-file',
  'tls-key-file-pass',
  'tls-client-cert-file',
  'tls-client-key-file',
  'tls-client-key-file-pass',
  'tls-dh-params-file',
  'tls-ca-cert-file',
  'tls-ca-cert-dir',
  'tls-auth-clients',
  'tls-protocols',
  'tls-ciphers',
  'tls-ciphersuites',
  'tls-prefer-server-ciphers',
  'tls-session-caching',
  'tls-session-cache-timeout',
] as const satisfies readonly DirectiveName[];

const VERSIONS: Readonly<Record<string, SecureVersion>> = {
  tlsv1: 'TLSv1',
  'tlsv1.1': 'TLSv1.1',
  'tlsv1.2': 'TLSv1.2',
  'tlsv1.3': 'TLSv1.3',
};

/** Whether anything is to be encrypted. */
function wantsTls({ values }: Config): boolean {
  return values['tls-port'] !== 0 || values['tls-cluster'] || values['tls-replication'];
}

/** Both sides' options, read from the files once and again when a directive has changed. */
export class Tls {
  private dialled: TlsOptions | undefined;
  private dialling: ConnectionOptions | undefined;

  constructor(private readonly config: Config) {}

  /** Throws an `Error` that says which directive is wrong. */
  get server(): TlsOptions {
    this.dialled ??= serverTls(this.config);
    return this.dialled;
  }

  /** For a connection that this node opens; undefined when it isn't to be encrypted. Throws as `server`. */
  clientFor(purpose: DialPurpose): ConnectionOptions | undefined {
    const { values } = this.config;
    if (!values[purpose === 'master' ? 'tls-replication' : 'tls-cluster']) return undefined;
    this.dialling ??= clientTls(this.config);
    return this.dialling;
  }

  /** The directives have changed. Throws as `server`, with everything as it was. */
  renew(): void {
    if (!wantsTls(this.config)) return;
    const dialled = serverTls(this.config);
    this.dialling = clientTls(this.config);
    this.dialled = dialled;
  }
}

/** The options of a side that is dialled. */
function serverTls(config: Config): TlsOptions {
  const { values } = config;
  const whom = values['tls-auth-clients'];
  const options: TlsOptions = {
    ...commonOptions(config),
    cert: fileOf(config, 'tls-cert-file'),
    key: fileOf(config, 'tls-key-file'),
    passphrase: values['tls-key-file-pass'] || undefined,
    dhparam: fileOf(config, 'tls-dh-params-file'),
    honorCipherOrder: values['tls-prefer-server-ciphers'],
    sessionTimeout: values['tls-session-caching'] ? values['tls-session-cache-timeout'] : 1,
    requestCert: whom !== 'no',
    rejectUnauthorized: whom === 'yes',
  };
  if (options.cert === undefined) throw new Error('No tls-cert-file configured!');
  if (options.key === undefined) throw new Error('No tls-key-file configured!');
  createSecureContext(options); // complains of what doesn't fit together
  return options;
}

/** The options of a side that dials. */
function clientTls(config: Config): ConnectionOptions {
  const { values } = config;
  const side = values['tls-client-cert-file'] === '' ? 'tls' : 'tls-client';
  return {
    ...commonOptions(config),
    cert: fileOf(config, `${side}-cert-file`),
    key: fileOf(config, `${side}-key-file`),
    passphrase: values[`${side}-key-file-pass`] || undefined,
    rejectUnauthorized: true,
    checkServerIdentity: () => undefined,
  };
}

function commonOptions(config: Config) {
  const { values } = config;
  const ca = authorities(config);
  if (ca.length === 0 && values['tls-auth-clients'] !== 'no') {
    throw new Error(
      'Either tls-ca-cert-file or tls-ca-cert-dir must be specified when tls-cluster, tls-replication or ' +
        'tls-auth-clients are enabled!',
    );
  }
  const versions = values['tls-protocols'].split(/\s+/).filter(Boolean);
  const known = versions.map((name) => {
    const version = VERSIONS[name.toLowerCase()];
    if (version === undefined)
      throw new Error('Invalid tls-protocols specified. Use a combination of TLSv1.2, TLSv1.3.');
    return version;
  });
  const inOrder = Object.values(VERSIONS).filter((version) => known.includes(version));
  return {
    ...(ca.length > 0 && { ca }),
    ...(known.length > 0 && { minVersion: inOrder[0], maxVersion: inOrder.at(-1) }),
    ciphers: [values['tls-ciphersuites'], values['tls-ciphers']].filter(Boolean).join(':') || undefined,
  };
}

function authorities(config: Config): Buffer[] {
  const { values } = config;
  const one = fileOf(config, 'tls-ca-cert-file');
  const directory = values['tls-ca-cert-dir'];
  if (directory === '') return one === undefined ? [] : [one];
  const folder = pathIn(config, directory);
  const names = readdirSync(folder).filter((name) => /\.(pem|crt|\d+)$/.test(name));
  return [...(one === undefined ? [] : [one]), ...names.map((name) => readFileSync(join(folder, name)))];
}

/** The contents of the file that a directive names; undefined when it names none. */
function fileOf(config: Config, directive: (typeof TLS_DIRECTIVES)[number]): Buffer | undefined {
  const path = String(config.values[directive]);
  if (path === '') return undefined;
  try {
    return readFileSync(pathIn(config, path));
  } catch (error) {
    throw new Error(`Failed to load ${directive}: ${(error as Error).message}`);
  }
}

function pathIn({ values }: Config, path: string): string {
  return isAbsolute(pathOf(path)) ? pathOf(path) : join(pathOf(values.dir), pathOf(path));
}
