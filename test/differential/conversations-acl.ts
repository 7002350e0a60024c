/** Clients that may not do everything: see conversations.test.ts. */
export const PERMISSIONS = {
  'a user who may do little': `
    a: ACL SETUSER u on >p ~k* &c* +@all -@dangerous -object|encoding
    b: AUTH u wrong
    b: AUTH u p
    b: ACL WHOAMI
    b: SET k1 v
    b: SET x v
    b: MGET k1 k2 x
    b: KEYS *
    b: OBJECT ENCODING k1
    b: OBJECT REFCOUNT k1
    b: PUBLISH c1 m
    b: PUBLISH d m
    b: PUBLISH
    b: SUBSCRIBE d
    b: HELLO 3 AUTH nobody p
    b: RESET
    b: KEYS *
    a: ACL DELUSER u`,
  'in transactions': `
    a: ACL SETUSER u on nopass ~k* +@all
    b: AUTH u any
    b: MULTI
    b: SET x v
    b: EXEC
    b: MULTI
    b: SET k v
    b: GET k
    b: PUBLISH ch m
    b: GET k
    a: ACL SETUSER u resetkeys ~l* -get
    b: EXEC
    b: MULTI
    b: AUTH default any
    b: GET k
    b: EXEC
    a: ACL DELUSER u`,
  'in scripts': `
    a: ACL SETUSER u on nopass ~k* &* +@all -get -config|get
    b: AUTH u any
    b: EVAL "return redis.call('SET', 'k1', 'v')" 0
    b: EVAL "return redis.call('SET', 'x', 'v')" 0
    b: EVAL "return redis.pcall('GET', 'k1')" 0
    b: EVAL "return redis.call('GET', 'k1')" 0
    b: EVAL "return redis.call('CONFIG', 'GET', 'k1')" 0
    b: EVAL "return {redis.acl_check_cmd('SET', 'k1', 'v'), redis.acl_check_cmd('SET', 'x', 'v'), redis.acl_check_cmd('GET', 'k')}" 0
    b: EVAL "return redis.acl_check_cmd('NONSENSE')" 0
    b: EVAL "return 1" 1 x
    a: EVAL "return redis.call('GET', 'k1')" 0
    a: ACL DELUSER u`,
  'SORT with patterns': `
    a: RPUSH k 1 2
    a: SET w_1 2
    a: SET w_2 1
    a: ACL SETUSER u on nopass ~k* +@all
    b: AUTH u any
    b: SORT k BY w_*
    b: SORT k GET #
    b: SORT k BY nosort
    a: ACL SETUSER u %R~*
    b: SORT k BY w_* GET w_*
    a: ACL SETUSER u resetkeys ~k* (+sort ~*)
    b: SORT k BY w_*
    b: SORT_RO k BY w_*
    a: ACL DELUSER u`,
  'users who are deleted': `
    a: ACL SETUSER u on nopass allkeys +@all
    b: AUTH u any
    c: AUTH u any
    c> BLPOP nothing 0
    b: ACL DELUSER u
    a: ACL USERS`,
  'listeners who lose their channels': `
    a: ACL SETUSER u on nopass +@all &c* &d
    b: AUTH u any
    b: SUBSCRIBE c1
    c: AUTH u any
    c: PSUBSCRIBE c*
    d: AUTH u any
    d: SSUBSCRIBE d
    e: AUTH u any
    a: ACL SETUSER u resetchannels &c1 &d
    a: PUBLISH c1 m
    a: ACL SETUSER u resetchannels &c* &d
    a: SPUBLISH d m
    a: ACL SETUSER u resetchannels
    a: PUBLISH c1 m
    e: PING
    a: ACL DELUSER u`,
  'the default user': `
    a: ACL SETUSER admin on nopass allkeys +@all
    a: AUTH admin any
    a: ACL SETUSER default -set
    b: SET k v
    b: GET k
    a: ACL SETUSER default resetpass >secret +@all
    b: GET k
    c: AUTH secret
    c: PING
    c: CLIENT KILL USER admin
    c: ACL SETUSER default nopass
    c: AUTH secret
    c: ACL DELUSER admin`,
  requirepass: `
    a: CONFIG SET requirepass one
    a: AUTH two
    a: AUTH one
    a: AUTH default one
    a: RESET
    a: ACL LIST
    a: HELLO 3
    a: HELLO 3 AUTH default two
    a: HELLO 3 AUTH default one SETNAME me
    a: ACL LIST
    a: CONFIG SET requirepass ""
    a: CONFIG GET requirepass
    a: ACL LIST`,
};
