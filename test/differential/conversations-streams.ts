/** Clients that wait for entries of streams; see conversation.ts for the notation. */

export const STREAMS: Record<string, string> = {
  'everybody who waits for a stream is given the entry': `
    a> XREAD BLOCK 0 STREAMS s $
    b> XREAD BLOCK 0 COUNT 1 STREAMS s $
    c> XREAD BLOCK 0 STREAMS s 5-5
    d: XADD s 1-1 f v
    d: XADD s 5-6 f w
    d: XLEN s`,
  'behind the entries that are there': `
    a: XADD s 5-1 f v
    b> XREAD BLOCK 0 STREAMS s t $ $
    c> XREAD BLOCK 0 STREAMS t s 0 7
    a: XADD s 6-1 f v
    a: XADD s 7-1 f v
    b> XREAD BLOCK 0 STREAMS s t $ $
    a: XADD t 1-1 f v`,
  'a transaction is over before anybody is given entries': `
    a> XREAD BLOCK 0 STREAMS s $
    b: MULTI
    b: XADD s 1-1 f v
    b: XADD s 1-2 f w
    b: XADD s MAXLEN 1 1-3 f x
    b: EXEC`,
  'an entry that is deleted again': `
    a> XREAD BLOCK 0 STREAMS s 0
    b: MULTI
    b: XADD s 1-1 f v
    b: XDEL s 1-1
    b: EXEC`,
  'a stream that is gone again': `
    a> XREAD BLOCK 0 STREAMS s 0
    b: MULTI
    b: XADD s 1-1 f v
    b: DEL s
    b: EXEC
    b: LPUSH s x
    b: DEL s
    b: XADD s 1-1 f w`,
  'an entry goes to one consumer of a group, in turn': `
    a: XGROUP CREATE s g $ MKSTREAM
    b> XREADGROUP GROUP g one BLOCK 0 STREAMS s >
    c> XREADGROUP GROUP g two BLOCK 0 STREAMS s >
    d> XREADGROUP GROUP g one BLOCK 0 NOACK STREAMS s >
    a: XADD s 1-1 f v
    a: XPENDING s g
    a: XADD s 2-1 f v
    a: XADD s 3-1 f v
    a: XPENDING s g
    a: XINFO GROUPS s`,
  'one consumer takes all there is': `
    a: XGROUP CREATE s g $ MKSTREAM
    b> XREADGROUP GROUP g one BLOCK 0 STREAMS s >
    c> XREADGROUP GROUP g two BLOCK 0 STREAMS s >
    a: MULTI
    a: XADD s 1-1 f v
    a: XADD s 2-1 f v
    a: EXEC
    a: XPENDING s g
    a: XADD s 3-1 f v`,
  'several groups, and somebody in none': `
    a: XGROUP CREATE s g $ MKSTREAM
    a: XGROUP CREATE s h $
    b> XREADGROUP GROUP g one BLOCK 0 STREAMS s >
    c> XREADGROUP GROUP h one BLOCK 0 COUNT 1 STREAMS s >
    d> XREAD BLOCK 0 STREAMS s $
    a: XADD s 1-1 f v
    a: XINFO GROUPS s`,
  'the group goes': `
    a: XGROUP CREATE s g $ MKSTREAM
    a: XGROUP CREATE s h $
    b> XREADGROUP GROUP g one BLOCK 0 STREAMS s >
    c> XREADGROUP GROUP h one BLOCK 0 STREAMS s >
    a: XGROUP DESTROY s g
    a: XADD s 1-1 f v`,
  'the key goes': `
    a: XGROUP CREATE s g $ MKSTREAM
    b> XREADGROUP GROUP g one BLOCK 0 STREAMS s >
    c> XREAD BLOCK 0 STREAMS s $
    a: DEL s
    a: XADD s 1-1 f v`,
  'the time of the key is up': `
    a: XGROUP CREATE s g $ MKSTREAM
    b> XREADGROUP GROUP g one BLOCK 0 STREAMS s >
    a: PEXPIRE s 1
    a: DEBUG SLEEP 0.02
    a: EXISTS s`,
  'the key becomes something else': `
    a: XGROUP CREATE s g $ MKSTREAM
    b> XREADGROUP GROUP g one BLOCK 0 STREAMS s >
    c> XREAD BLOCK 0 STREAMS s $
    a: SET s string
    a: DEL s
    a: XADD s 1-1 f v`,
  'the key becomes something else in a transaction': `
    a: XGROUP CREATE s g $ MKSTREAM
    b> XREADGROUP GROUP g one BLOCK 0 STREAMS s >
    a: MULTI
    a: DEL s
    a: SADD s member
    a: EXEC`,
  'the database is emptied': `
    a: XGROUP CREATE s g $ MKSTREAM
    b> XREADGROUP GROUP g one BLOCK 0 STREAMS s >
    a: FLUSHALL`,
  'the database is swapped': `
    a: XGROUP CREATE s g $ MKSTREAM
    b> XREADGROUP GROUP g one BLOCK 0 STREAMS s >
    a: SELECT 1
    a: XGROUP CREATE s g $ MKSTREAM
    a: XADD s 1-1 f v
    a: SWAPDB 0 1`,
  'the database is swapped for one without the group': `
    a: XGROUP CREATE s g $ MKSTREAM
    b> XREADGROUP GROUP g one BLOCK 0 STREAMS s >
    a: SELECT 1
    a: XADD s 1-1 f v
    a: SWAPDB 0 1`,
  'lists and streams under one name': `
    b> BLPOP s 0
    a: XGROUP CREATE s g $ MKSTREAM
    c> XREADGROUP GROUP g one BLOCK 0 STREAMS s >
    a: XADD s 1-1 f v
    a: DEL s
    a: LPUSH s x`,
  'a group that is set back serves nobody by itself': `
    a: XADD s 1-1 f v
    a: XGROUP CREATE s g $
    b> XREADGROUP GROUP g one BLOCK 0 STREAMS s >
    a: XGROUP SETID s g 0
    a: XADD s 2-1 f v`,
  'an ID that is set serves nobody by itself': `
    a: XADD s 1-1 f v
    b> XREAD BLOCK 0 STREAMS s $
    a: XSETID s 5-5
    a: XADD s 6-1 f v`,
  'in RESP3, and out of time': `
    a: HELLO 3
    a> XREAD BLOCK 0 STREAMS s $
    b: XADD s 1-1 f v
    a: XREAD BLOCK 1 STREAMS s $
    b: XREAD BLOCK 1 STREAMS s $
    a> XREAD BLOCK 0 STREAMS s $
    b: CLIENT UNBLOCK @a
    a> XREAD BLOCK 0 STREAMS s $
    b: CLIENT UNBLOCK @a ERROR`,
  'acknowledging breaks no WATCH, adding does': `
    a: XGROUP CREATE s g $ MKSTREAM
    a: XADD s 1-1 f v
    b: WATCH s
    a: XREADGROUP GROUP g one STREAMS s >
    a: XACK s g 1-1
    a: XGROUP DESTROY s g
    b: MULTI
    b: PING
    b: EXEC
    b: WATCH s
    a: XADD s 2-1 f v
    b: MULTI
    b: PING
    b: EXEC`,
};
