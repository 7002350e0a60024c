// Names of the client's methods: `zrangebyscore` is `zRangeByScore`. Redis writes commands without spaces, so the words
// have to be found; they are listed here, and the fewest that make up the name are taken. A name that is not made up of
// them stays in one piece.

/** The letters in front that say what a command works on, and the words behind them. */
const WORDS = new Set(
  `a b bg bl blm br bz bzm g h hm hp l lm m p pf r s sm x z zm
  ack acl add addr addslots after all and aof append are arg at auto before bit by cache caching card cat channels claim clear cmd
  config consumer copy count create db debug decr del delete destroy diff digest dist docs doctor dry dump echo edge encoding
  epoch eval ex exists expire failover failure field find flags float flush flushslots forget freq function functions
  gen geo get graph group groups hash help histogram history id idle in incr index info insert inter is key keys keyslot kill
  last latest latency len lex library links list load log login lolwut malloc max mem member members meet memory merge min move
  my name next no node nodes num of op pass pat pause pending persist ping pop pos post pub publish purge push radius rand random range
  rank read redir ref rem remove rename replica replicas replicate report reports reset restore rev rewrite ro role run
  save scan score search sel select self set shard shards size sharded slave slaves slot slots slow sort split stat stats store str
  sub swap sync time touch test track tracking trim type unblock union unlink unpause unsub usage user users vals wait whoami with write`
    .split(/\s+/)
    .concat('consumers', 'addslotsrange', 'delslots', 'delslotsrange', 'bumpepoch', 'saveconfig', 'evict'),
);

/** Words that are not capitalised as others are. */
const SPELLED = new Map(
  Object.entries({
    nx: 'NX',
    ttl: 'TTL',
    addslots: 'AddSlots',
    addslotsrange: 'AddSlotsRange',
    bumpepoch: 'BumpEpoch',
    delslots: 'DelSlots',
    delslotsrange: 'DelSlotsRange',
    flushslots: 'FlushSlots',
    keyslot: 'KeySlot',
    saveconfig: 'SaveConfig',
    whoami: 'WhoAmI',
  }),
);
const LONE = new Set(['x', 'nx', 'ttl']);

/** The fewest words that make up the text, or undefined. */
function split(text) {
  const best = [[]];
  for (let end = 1; end <= text.length; end++) {
    for (let start = 0; start < end; start++) {
      const word = text.slice(start, end);
      if (best[start] === undefined || !(WORDS.has(word) || LONE.has(word))) continue;
      const words = [...best[start], word];
      if (best[end] === undefined || words.length < best[end].length) best[end] = words;
    }
  }
  return best[text.length];
}

const capitalised = (word) => SPELLED.get(word) ?? word[0].toUpperCase() + word.slice(1);

/** `config|resetstat` as `configResetStat`, `georadius_ro` as `geoRadiusRo`. */
export function methodName(fullName) {
  const words = fullName.split(/[|_-]/).flatMap((part) => split(part) ?? [part]);
  return words.map((word, i) => (i === 0 ? word : capitalised(word))).join('');
}

/** `destination-db` as `destinationDb`. */
export function camelCase(text) {
  return text
    .split(/[^a-zA-Z0-9]+/)
    .filter((word) => word !== '')
    .map((word, i) => (i === 0 ? word : word[0].toUpperCase() + word.slice(1)))
    .join('');
}
