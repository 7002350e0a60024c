/** LATENCY: how long commands take, and what took unusually long. */
import { CommandError } from '../../protocol/command-error.js';
import * as arg from '../arguments.js';
import type { Command, CommandDefinition, Flag } from '../command.js';
import type { Context } from '../context.js';
import type { LatencySeries } from '../facilities/monitoring.js';
import { helpSubcommand } from '../help.js';
import { latencyReport } from './latency-report.js';
import { sparkline } from './sparkline.js';

const ADMINISTRATION: readonly Flag[] = ['admin', 'noscript', 'loading', 'stale'];
const TIPS = ['nondeterministic_output', 'request_policy:all_nodes', 'response_policy:special'];

export const latency: readonly CommandDefinition[] = [
  {
    name: 'latency',
    summary: 'A container for commands about latency.',
    since: '2.8.13',
    group: 'server',
    complexity: 'Depends on subcommand.',
    arity: -2,
    subcommands: [
      {
        name: 'doctor',
        summary: 'Describes what took long, and what may help.',
        since: '2.8.13',
        group: 'server',
        complexity: 'O(1)',
        arity: 2,
        flags: ADMINISTRATION,
        reply: 'string',
        tips: TIPS,
        run({ reply, server, now }) {
          const threshold = Number(server.config.text('latency-monitor-threshold'));
          reply.verbatim('txt', latencyReport(server.latency.events, threshold, Math.floor(now / 1000)));
        },
      },
      {
        name: 'graph',
        summary: "Draws an event's samples.",
        since: '2.8.13',
        group: 'server',
        complexity: 'O(1)',
        arity: 3,
        flags: ADMINISTRATION,
        args: [arg.string('event')],
        reply: 'string',
        tips: TIPS,
        run: graph,
      },
      {
        name: 'histogram',
        summary: 'Answers how long calls of commands took, as cumulative distributions.',
        since: '7.0.0',
        group: 'server',
        complexity: 'O(N) where N is the number of commands with latency information being retrieved.',
        arity: -2,
        flags: ADMINISTRATION,
        args: [arg.string('command', { optional: true, multiple: true })],
        reply: 'Record<string, { calls: number; histogram_usec: Record<number, number> }>',
        tips: TIPS,
        run: histogram,
      },
      {
        name: 'history',
        summary: "Lists an event's samples.",
        since: '2.8.13',
        group: 'server',
        complexity: 'O(1)',
        arity: 3,
        flags: ADMINISTRATION,
        args: [arg.string('event')],
        reply: '[time: number, milliseconds: number][]',
        tips: TIPS,
        run({ request, reply, server }) {
          const samples = server.latency.events.get(request.latin1(2))?.samples ?? [];
          reply.array(samples.length);
          for (const { time, latency } of samples) {
            reply.array(2);
            reply.integer(time);
            reply.integer(latency);
          }
        },
      },
      {
        name: 'latest',
        summary: "Lists every event's last sample and its longest time.",
        since: '2.8.13',
        group: 'server',
        complexity: 'O(1)',
        arity: 2,
        flags: ADMINISTRATION,
        reply: '[event: string, time: number, latest: number, longest: number][]',
        tips: TIPS,
        run({ reply, server }) {
          const { events } = server.latency;
          reply.array(events.size);
          for (const [event, { samples, max }] of events) {
            const last = samples[samples.length - 1];
            reply.array(4);
            reply.latin1(event);
            reply.integer(last.time);
            reply.integer(last.latency);
            reply.integer(max);
          }
        },
      },
      {
        name: 'reset',
        summary: 'Forgets the samples of events, or of all.',
        since: '2.8.13',
        group: 'server',
        complexity: 'O(1)',
        arity: -2,
        flags: ADMINISTRATION,
        args: [arg.string('event', { optional: true, multiple: true })],
        reply: 'number',
        tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
        run({ request, reply, server }) {
          const named = Array.from({ length: request.argc - 2 }, (_, i) =>
            request.latin1(i + 2).toLowerCase(),
          );
          const events = request.argc === 2 ? [...server.latency.events.keys()] : named;
          reply.integer(events.filter((event) => server.latency.reset(event)).length);
        },
      },
      helpSubcommand('server', '2.8.13'),
    ],
  },
];

function graph({ request, reply, server, now }: Context): void {
  const event = request.latin1(2);
  const series = server.latency.events.get(event);
  if (series === undefined) throw new CommandError(`ERR No samples available for event '${event}'`);
  reply.verbatim('txt', graphOf(event, series, Math.floor(now / 1000)));
}

const GRAPH_COLUMNS = 80;

function graphOf(event: string, { samples, max }: LatencySeries, now: number): string {
  const latencies = samples.map(({ latency }) => latency);
  const high = Math.max(...latencies);
  const low = Math.min(...latencies);
  const points = samples.map(({ time, latency }) => ({ value: latency, label: age(now - time) }));
  return (
    `${event} - high ${high} ms, low ${low} ms (all time high ${max} ms)\n${'-'.repeat(GRAPH_COLUMNS)}\n` +
    sparkline(points, GRAPH_COLUMNS)
  );
}

function age(seconds: number): string {
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

/** The commands named, with their subcommands, or all; those that haven't run are left out. */
function histogram({ request, reply, server }: Context): void {
  const { commands, latency: times } = server;
  const chosen: Command[] = [];
  for (let i = 2; i < request.argc; i++) {
    const command = commands.byName(request.latin1(i));
    if (command !== undefined) chosen.push(command, ...command.subcommands.values());
  }
  const mark = reply.open();
  let count = 0;
  for (const command of request.argc === 2 ? commands.all : chosen) {
    const timed = times.timesOf(command);
    if (timed === undefined) continue;
    count++;
    reply.latin1(command.fullName);
    reply.map(2);
    reply.latin1('calls');
    reply.integer(timed.calls);
    reply.latin1('histogram_usec');
    reply.map(timed.cumulative.length);
    for (const [microseconds, calls] of timed.cumulative) {
      reply.integer(microseconds);
      reply.integer(calls);
    }
  }
  reply.close(mark, 'map', count);
}
