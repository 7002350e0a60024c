/** Giving up a command by an AbortSignal, also when it has been sent. */
import { AbortError } from './errors.js';
import { detailsOf } from './recovery.js';
import type { Request } from './request.js';

/** Rejects the request when the signal is aborted. Answers whether it may be sent. */
export function abortable(request: Request, signal: AbortSignal): boolean {
  const abort = () => {
    const outcome = request.attempts === 0 ? 'not executed' : 'unknown';
    const message = `${request.info.name} was aborted${outcome === 'unknown' ? '; it may or may not have run' : ''}`;
    request.reject(new AbortError(message, detailsOf(request, { outcome, cause: signal.reason })));
  };
  if (signal.aborted) {
    abort();
    return false;
  }
  signal.addEventListener('abort', abort, { once: true });
  const forget = () => signal.removeEventListener('abort', abort);
  request.promise.then(forget, forget);
  return true;
}
