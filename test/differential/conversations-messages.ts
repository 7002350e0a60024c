/** Clients that are told things without asking: see conversations.test.ts. */
export const MESSAGES = {
  'channels and patterns': `
    a: HELLO 3
    a: SUBSCRIBE news sport news
    b: HELLO 3
    b: PSUBSCRIBE n* *rt
    c: PUBLISH news one
    c: PUBLISH sport two
    c: PUBLISH nothing three
    c: PUBLISH "" empty
    c: PUBLISH other "\\x00\\xff\\r\\n"
    c: PUBSUB NUMSUB news sport absent
    c: PUBSUB NUMPAT
    c: PUBSUB CHANNELS n?ws
    c: PUBSUB CHANNELS a b
    c: PUBSUB NUMSUB`,
  leaving: `
    a: HELLO 3
    a: SUBSCRIBE x
    a: UNSUBSCRIBE nowhere
    a: UNSUBSCRIBE x
    a: UNSUBSCRIBE
    a: PUNSUBSCRIBE
    a: SUNSUBSCRIBE
    a: SUBSCRIBE y
    a: PSUBSCRIBE z*
    a: SSUBSCRIBE s
    a: UNSUBSCRIBE
    b: PUBLISH x nobody
    a: PUNSUBSCRIBE
    a: SUNSUBSCRIBE
    b: PUBSUB CHANNELS
    b: PUBSUB SHARDCHANNELS`,
  'a subscriber in RESP2': `
    a: SUBSCRIBE x
    a: GET k
    a: PING
    a: PING hello
    a: PING too many
    a: HELLO 3
    a: CLIENT ID
    a: NONSENSE
    a: GET
    a: MULTI
    a: RESET
    a: PING
    b: PUBLISH x nobody`,
  'to oneself': `
    a: HELLO 3
    a: SUBSCRIBE x
    a+ PUBLISH x before
    a: MULTI
    a: PUBLISH x one
    a: SET k v
    a: PUBLISH x two
    a+ EXEC`,
  'subscribing in a transaction': `
    a: HELLO 3
    a: MULTI
    a: SUBSCRIBE x
    a: PSUBSCRIBE y*
    a: SSUBSCRIBE z
    a: UNSUBSCRIBE
    a: MONITOR
    a+ EXEC`,
  'channels of slots': `
    a: HELLO 3
    a: SSUBSCRIBE x
    a: SUBSCRIBE x
    a: PSUBSCRIBE *
    b: SPUBLISH x sharded
    b: PUBLISH x plain
    b: PUBSUB SHARDNUMSUB x y
    b: PUBSUB SHARDCHANNELS *
    b: CLIENT LIST ID 0`,
  'a client that wants no replies gets its messages': `
    a: HELLO 3
    c> BLPOP done 0
    a+ CLIENT REPLY OFF
    a+ SUBSCRIBE x
    a+ PUBLISH x mine
    a+ PING
    a+ RPUSH done 1
    c: PING
    b: PUBLISH x yours
    a+ CLIENT REPLY ON`,
  'a client is gone': `
    a: SUBSCRIBE x
    b: CLIENT KILL TYPE pubsub
    b: PUBLISH x nobody
    b: PUBSUB CHANNELS`,
  'keyspace events': `
    a: HELLO 3
    a: PSUBSCRIBE __key*@*__:*
    b: CONFIG SET notify-keyspace-events KEA
    b: SET k v
    b: SET k w EX 100
    b: APPEND k x
    b: INCR n
    b: SETRANGE k 1 abc
    b: EXPIRE k 100
    b: PERSIST k
    b: RENAME k l
    b: COPY l m
    b: DEL l m nothing
    b: LPUSH list 1 2 3
    b: LPOP list
    b: LTRIM list 1 0
    b: HSET hash f v g w
    b: HINCRBY hash n 1
    b: HDEL hash f g n
    b: SADD set 1 2
    b: SPOP set 2
    b: ZADD zset 1 a 2 b
    b: ZINCRBY zset 1 a
    b: ZREM zset a b
    b: SELECT 3
    b: SET k v
    b: MOVE k 4
    b: SET short v PX 1
    b: DEBUG SLEEP 0.01
    b: GET short
    b: FLUSHALL
    b: CONFIG SET notify-keyspace-events ""
    b: SET k v`,
  'events of lookups and new keys': `
    a: HELLO 3
    a: PSUBSCRIBE __key*@*__:*
    b: CONFIG SET notify-keyspace-events Kmn
    b: GET nothing
    b: MGET nothing nowhere
    b: TTL nothing
    b: EXISTS nothing
    b: TYPE nothing
    b: SET k v
    b: SET k w
    b: LPUSH list x
    b: LPUSH list y
    b: RENAME list other
    b: GET k
    b: CONFIG SET notify-keyspace-events Kg$
    b: SET k v
    b: LPUSH other z
    b: DEL k
    b: CONFIG SET notify-keyspace-events ""`,
  'caching: keys that were read': `
    a: HELLO 3
    a: CLIENT TRACKING ON
    a: CLIENT TRACKINGINFO
    a: GET k
    a: MGET k l m
    b: SET k v
    b: SET k w
    b: DEL l
    b: MSET l 1 m 2
    a+ GET k
    a: SET k mine
    b: PING
    b: FLUSHDB
    a+ CLIENT TRACKING OFF`,
  'caching: keys of a transaction': `
    a: HELLO 3
    a: CLIENT TRACKING ON
    a: MGET k l
    a: MULTI
    a: SET k 1
    a: GET l
    a: SET l 2
    a+ EXEC
    b: PING
    a+ FLUSHALL`,
  'caching: opting in and out': `
    a: HELLO 3
    a: CLIENT TRACKING ON OPTIN
    a: GET k
    b: SET k v
    a: CLIENT CACHING NO
    a: CLIENT CACHING YES
    a: CLIENT TRACKINGINFO
    a: GET k
    a: GET l
    b: MSET k v l w
    a+ CLIENT TRACKING ON OPTOUT
    a+ CLIENT TRACKING OFF
    a+ CLIENT TRACKING ON OPTOUT NOLOOP
    a+ CLIENT CACHING YES
    a+ CLIENT CACHING NO
    a+ GET k
    a+ GET l
    a+ SET l mine
    b: PING
    b: MSET k v l w`,
  'caching: redirected to a subscriber': `
    a: SUBSCRIBE __redis__:invalidate
    b: CLIENT TRACKING ON REDIRECT @a
    b: CLIENT GETREDIR
    b: CLIENT TRACKINGINFO
    b: GET k
    c: SET k v
    b: GET k
    b: SET k w
    b: GET k
    c: FLUSHALL
    c: PING
    a+ RESET`,
  'caching: a redirection that breaks': `
    a: PING
    b: HELLO 3
    b: CLIENT TRACKING ON REDIRECT @a
    b: GET k
    a: QUIT
    c: SET k v
    c: PING
    b+ CLIENT TRACKING ON REDIRECT 123456789
    b+ CLIENT GETREDIR`,
  'caching: what goes wrong': `
    a: CLIENT TRACKING
    a: CLIENT TRACKING MAYBE
    a: CLIENT TRACKING ON PREFIX a
    a: CLIENT TRACKING ON BCAST OPTIN
    a: CLIENT TRACKING ON OPTIN OPTOUT
    a: CLIENT TRACKING ON REDIRECT
    a: CLIENT TRACKING ON REDIRECT x
    a: CLIENT TRACKING ON REDIRECT @a REDIRECT @a
    a: CLIENT TRACKING ON NONSENSE
    a: CLIENT CACHING YES
    a: CLIENT TRACKINGINFO
    a: CLIENT GETREDIR
    a: CLIENT TRACKING ON BCAST PREFIX foo PREFIX bar
    a: CLIENT TRACKING ON BCAST PREFIX foob
    a: CLIENT TRACKING ON BCAST PREFIX baz
    a: CLIENT TRACKING ON
    a: CLIENT TRACKINGINFO
    a: CLIENT CACHING YES
    a: CLIENT CACHING
    a: CLIENT TRACKING OFF
    a: CLIENT TRACKINGINFO
    a: CLIENT TRACKING ON BCAST PREFIX a PREFIX ab
    a: CLIENT TRACKING ON OPTIN
    a: CLIENT TRACKING ON OPTOUT
    a: CLIENT TRACKING ON
    a: CLIENT TRACKINGINFO`,
  'caching: broadcast': `
    a: HELLO 3
    a: CLIENT TRACKING ON BCAST PREFIX k PREFIX l
    b: SET k v
    b: SET l v
    b: SET other v
    b: MULTI
    b: SET k1 v
    b: SET k2 v
    b: DEL l
    b: SET k1 w
    b: EXEC
    b: PING
    a: SET k mine
    b: PING`,
  'caching: all keys but the own changes': `
    a: HELLO 3
    a: CLIENT TRACKING ON BCAST NOLOOP
    a: SET k mine
    b: SET k yours
    b: PING
    a: SET k mine
    b: FLUSHALL`,
};
