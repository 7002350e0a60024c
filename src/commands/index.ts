/** The one command table: a family's file is listed here once. */
import { acl } from './acl.js';
import { bitfield } from './bitfield.js';
import { bitmaps } from './bitmaps.js';
import { blocking } from './blocking.js';
import { client } from './client.js';
import { cluster } from './cluster.js';
import { config } from './config.js';
import { connection } from './connection.js';
import { counters } from './counters.js';
import { databases } from './databases.js';
import { debug } from './debug.js';
import { expiry } from './expiry.js';
import { functions } from './functions.js';
import { geo } from './geo.js';
import { geoSearch } from './geo-search.js';
import { hashes } from './hashes.js';
import { hyperloglog } from './hyperloglog.js';
import { introspection } from './introspection.js';
import { keys } from './keys.js';
import { latency } from './latency.js';
import { lists } from './lists.js';
import { memory } from './memory.js';
import { migration } from './migration.js';
import { modules } from './modules.js';
import { monitor } from './monitor.js';
import { object } from './object.js';
import { pubsub } from './pubsub.js';
import { replication } from './replication.js';
import { scan } from './scan.js';
import { scripting } from './scripting.js';
import { server } from './server.js';
import { setOperations } from './set-operations.js';
import { sets } from './sets.js';
import { slowlog } from './slowlog.js';
import { sort } from './sort.js';
import { sortedSets } from './sorted-sets.js';
import { sortedSetAlgebra } from './sorted-sets-algebra.js';
import { sortedSetPops } from './sorted-sets-pops.js';
import { sortedSetRanges } from './sorted-sets-ranges.js';
import { streams } from './streams.js';
import { streamsGroups } from './streams-groups.js';
import { streamsInfo } from './streams-info.js';
import { streamsPending } from './streams-pending.js';
import { streamsReading } from './streams-reading.js';
import { strings } from './strings.js';
import { substrings } from './substrings.js';
import { CommandTable } from './table.js';
import { transactions } from './transactions.js';

export const commandTable = CommandTable.of([
  strings,
  substrings,
  counters,
  bitmaps,
  bitfield,
  hyperloglog,
  sortedSets,
  sortedSetRanges,
  sortedSetPops,
  sortedSetAlgebra,
  geo,
  geoSearch,
  hashes,
  sets,
  setOperations,
  lists,
  blocking,
  streams,
  streamsReading,
  streamsGroups,
  streamsPending,
  streamsInfo,
  sort,
  keys,
  migration,
  expiry,
  scan,
  object,
  databases,
  connection,
  client,
  acl,
  introspection,
  config,
  server,
  replication,
  debug,
  modules,
  transactions,
  pubsub,
  monitor,
  slowlog,
  latency,
  memory,
  scripting,
  functions,
  cluster,
]);
