/** The one command table: a family's file is listed here once. */

import { bitfield } from './bitmap/bitfield.js';
import { bitmaps } from './bitmap/bitmaps.js';
import { cluster } from './cluster/cluster.js';
import { client } from './connection/client.js';
import { connection } from './connection/connection.js';
import { expiry } from './generic/expiry.js';
import { keys } from './generic/keys.js';
import { migration } from './generic/migration.js';
import { object } from './generic/object.js';
import { scan } from './generic/scan.js';
import { sort } from './generic/sort.js';
import { geo } from './geo/geo.js';
import { geoSearch } from './geo/search.js';
import { hashes } from './hash/hashes.js';
import { hyperloglog } from './hyperloglog/hyperloglog.js';
import { blocking } from './list/blocking.js';
import { lists } from './list/lists.js';
import { pubsub } from './pubsub/pubsub.js';
import { functions } from './scripting/functions.js';
import { scripting } from './scripting/scripting.js';
import { acl } from './server/acl.js';
import { config } from './server/config.js';
import { databases } from './server/databases.js';
import { debug } from './server/debug.js';
import { introspection } from './server/introspection.js';
import { latency } from './server/latency.js';
import { memory } from './server/memory.js';
import { modules } from './server/modules.js';
import { monitor } from './server/monitor.js';
import { replication } from './server/replication.js';
import { server } from './server/server.js';
import { slowlog } from './server/slowlog.js';
import { setOperations } from './set/set-operations.js';
import { sets } from './set/sets.js';
import { sortedSetAlgebra } from './sorted-set/algebra.js';
import { sortedSetPops } from './sorted-set/pops.js';
import { sortedSetRanges } from './sorted-set/ranges.js';
import { sortedSets } from './sorted-set/sorted-sets.js';
import { streamsGroups } from './stream/groups.js';
import { streamsInfo } from './stream/info.js';
import { streamsPending } from './stream/pending.js';
import { streamsReading } from './stream/reading.js';
import { streams } from './stream/streams.js';
import { counters } from './string/counters.js';
import { strings } from './string/strings.js';
import { substrings } from './string/substrings.js';
import { CommandTable } from './table.js';
import { transactions } from './transactions/transactions.js';

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
