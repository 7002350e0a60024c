/**
 * The log, in redis-server's format, so that whatever reads Redis's logs reads ours:
 *
 *     4711:M 01 Jan 2026 12:00:00.123 * Ready to accept connections
 *
 * process, role (M master, S replica, C before the node is up and in helpers), local time, level, message.
 */
import type { Config } from './config/index.js';
import type { Host, Log, LogLevel } from './host.js';

/** What the node is when it writes a line. */
export type LogRole = 'M' | 'S' | 'C';

const LEVELS: readonly LogLevel[] = ['debug', 'verbose', 'notice', 'warning'];
const MARKS: Readonly<Record<LogLevel, string>> = { debug: '.', verbose: '-', notice: '*', warning: '#' };
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A log that writes to the host what `loglevel` lets through. */
export function createLog(
  host: Pick<Host, 'log' | 'localClock' | 'processId'>,
  config: Config,
  role: () => LogRole,
): Log {
  return (level, text) => {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(config.values.loglevel)) return;
    host.log(`${host.processId}:${role()} ${logTime(host.localClock())} ${MARKS[level]} ${text}`);
  };
}

const DAY = 86_400_000;

/** `01 Jan 2026 12:00:00.123`, for milliseconds since 1970. */
export function logTime(time: number): string {
  const days = Math.floor(time / DAY);
  const ofDay = time - days * DAY;
  const two = (n: number) => String(Math.floor(n)).padStart(2, '0');
  const clock = `${two(ofDay / 3_600_000)}:${two((ofDay / 60_000) % 60)}:${two((ofDay / 1000) % 60)}`;
  const { year, month, day } = civilDate(days);
  return `${two(day)} ${MONTHS[month]} ${year} ${clock}.${String(Math.floor(ofDay % 1000)).padStart(3, '0')}`;
}

/** The date so many days after 1970-01-01; years are counted from March, so that leap days come last. */
function civilDate(days: number): { year: number; month: number; day: number } {
  const sinceEra = days + 719_468; // 0000-03-01
  const era = Math.floor(sinceEra / 146_097);
  const ofEra = sinceEra - era * 146_097;
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  );
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * ofYear + 2) / 153);
  const month = (marchMonth + 2) % 12;
  return {
    year: era * 400 + yearOfEra + (month < 2 ? 1 : 0),
    month,
    day: ofYear - Math.floor((153 * marchMonth + 2) / 5) + 1,
  };
}
