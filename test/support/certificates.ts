/** Certificates for a test's own servers, made anew by openssl each time: nothing secret lies in the repository. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

export function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export interface Certificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Makes a CA in the folder, and a certificate that it has signed; answers the files' paths. */
export function makeCertificates(folder: string, name: string): Certificates {
  const file = (what: string) => join(folder, `${name}-${what}.pem`);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl(
    'req',
    '-x509',
    ...newKey,
    '-days',
    '1',
    '-subj',
    `/CN=${name} CA`,
    '-keyout',
    file('ca-key'),
    '-out',
    file('ca'),
  );
  openssl('req', ...newKey, '-subj', `/CN=${name}`, '-keyout', file('key'), '-out', file('request'));
  const sign = ['-CA', file('ca'), '-CAkey', file('ca-key'), '-set_serial', '1', '-days', '1'];
  openssl('x509', '-req', '-in', file('request'), ...sign, '-out', file('cert'));
  return { ca: file('ca'), cert: file('cert'), key: file('key') };
}
