/** ACL. See compare.ts for the notation. Every script leaves the users as it found them. */

const PASSWORD = '#5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8';

export const users = `
ACL WHOAMI
ACL USERS
ACL LIST
ACL GETUSER default
ACL GETUSER nobody
ACL SETUSER alice
ACL SETUSER Bob on >password ~a* %R~b* %w~c* &news* +get -get +@string
ACL USERS
ACL LIST
ACL GETUSER Bob
ACL SETUSER Bob nopass allkeys allchannels sanitize-payload
ACL GETUSER Bob
ACL SETUSER Bob resetkeys resetchannels resetpass skip-sanitize-payload off
ACL GETUSER Bob
ACL SETUSER Bob >password <password
ACL SETUSER Bob ${PASSWORD} ${PASSWORD} >password
ACL GETUSER Bob
ACL SETUSER Bob !${PASSWORD.slice(1)}
ACL GETUSER Bob
ACL SETUSER Bob reset
ACL GETUSER Bob
ACL SETUSER Bob %RW~x %R~y %W~y ~x
ACL GETUSER Bob
ACL SETUSER Bob "" ON
ACL LIST
ACL DELUSER nobody
ACL DELUSER Bob alice nobody
ACL DELUSER default
ACL DELUSER x default
ACL USERS
ACL SETUSER "with space" on
ACL SETUSER "with\\x00zero" on
ACL SETUSER "\\xff" on
ACL LIST
ACL DELUSER "\\xff"
`;

export const rules = `
ACL SETUSER u nonsense
ACL SETUSER u +nonsense
ACL SETUSER u -nonsense
ACL SETUSER u +@nonsense
ACL SETUSER u -@nonsense
ACL SETUSER u +get|
ACL SETUSER u +config|nonsense
ACL SETUSER u +config|get|dir
ACL SETUSER u -get|k
ACL SETUSER u #123
ACL SETUSER u ${PASSWORD.toUpperCase()}
ACL SETUSER u !123
ACL SETUSER u <unknown
ACL SETUSER u !${PASSWORD.slice(1)}
ACL SETUSER u %R
ACL SETUSER u %X~a
ACL SETUSER u %RR~a
ACL SETUSER u "~a b"
ACL SETUSER u "&a b"
ACL SETUSER u ~* ~a
ACL SETUSER u allkeys %R~a
ACL SETUSER u &* &a
ACL SETUSER u (
ACL SETUSER u (+get ~a
ACL SETUSER u ) on
ACL SETUSER u on (+nonsense)
ACL SETUSER u on (on)
ACL USERS
ACL SETUSER u ( +get ~a ) (+set ~b)
ACL GETUSER u
ACL LIST
ACL SETUSER u clearselectors
ACL GETUSER u
ACL SETUSER u +select|0 +SELECT|1 +select|0
ACL GETUSER u
ACL SETUSER u +select
ACL GETUSER u
ACL SETUSER u -select +config -config|set
ACL GETUSER u
ACL SETUSER u -@all +config|get
ACL GETUSER u
ACL SETUSER u allcommands -get
ACL GETUSER u
ACL SETUSER u nocommands +@pubsub -publish
ACL GETUSER u
ACL SETUSER u +@all -@dangerous +acl|whoami
ACL DELUSER u
`;

export const dryRuns = `
ACL SETUSER u on nopass +@all -@admin -object|encoding -select +select|1 %R~r:* %W~w:* ~b:* &c:* (+bitop ~one) (+get ~two)
ACL DRYRUN u get r:1
ACL DRYRUN u get w:1
ACL DRYRUN u get b:1
ACL DRYRUN u get two
ACL DRYRUN u get three
ACL DRYRUN u set r:1 v
ACL DRYRUN u set w:1 v
ACL DRYRUN u set w:1 v GET
ACL DRYRUN u set b:1 v GET
ACL DRYRUN u mset w:1 v r:1 v
ACL DRYRUN u mget r:1 w:1 b:1
ACL DRYRUN u rename r:1 w:1
ACL DRYRUN u rename b:1 w:1
ACL DRYRUN u copy r:1 w:1
ACL DRYRUN u copy w:1 r:1
ACL DRYRUN u bitop and one one
ACL DRYRUN u bitop and w:1 r:1 one
ACL DRYRUN u exists anything
ACL DRYRUN u exists r:1 w:1
ACL DRYRUN u strlen w:1
ACL DRYRUN u sort r:1
ACL DRYRUN u sort r:1 store w:1
ACL DRYRUN u sort r:1 store r:2
ACL DRYRUN u sort_ro w:1
ACL DRYRUN u georadius r:1 1 1 1 m
ACL DRYRUN u georadius r:1 1 1 1 m store w:1
ACL DRYRUN u georadius r:1 1 1 1 m store r:1
ACL DRYRUN u zunionstore w:1 2 r:1 b:1
ACL DRYRUN u zunionstore w:1 2 r:1 w:1
ACL DRYRUN u eval "return 1" 2 r:1 w:1
ACL DRYRUN u eval "return 1" 1 b:1
ACL DRYRUN u eval "return 1" 0
ACL DRYRUN u eval "return 1" x
ACL DRYRUN u blpop b:1 r:1 0
ACL DRYRUN u blmove b:1 w:1 left left 0
ACL DRYRUN u lmpop 2 b:1 b:2 left
ACL DRYRUN u migrate h 1 b:1 0 1
ACL DRYRUN u migrate h 1 "" 0 1 auth keys keys b:1 r:1
ACL DRYRUN u migrate h 1 "" 0 1 auth2 a keys keys b:1
ACL DRYRUN u migrate h 1 x 0 1 keys w:1
ACL DRYRUN u publish c:1 m
ACL DRYRUN u publish d:1 m
ACL DRYRUN u spublish d:1 m
ACL DRYRUN u subscribe c:1 d:1
ACL DRYRUN u ssubscribe c:1 d:1
ACL DRYRUN u psubscribe c:*
ACL DRYRUN u psubscribe c:1*
ACL DRYRUN u unsubscribe d:1
ACL DRYRUN u punsubscribe d:1
ACL DRYRUN u config get x
ACL DRYRUN u object encoding b:1
ACL DRYRUN u object freq b:1
ACL DRYRUN u select 1
ACL DRYRUN u select 2
ACL DRYRUN u auth x
ACL DRYRUN u quit
ACL DRYRUN u exec
ACL DRYRUN u memory usage w:1
ACL DRYRUN u memory usage r:1
ACL DRYRUN u nonsense
ACL DRYRUN u config nonsense
ACL DRYRUN u get
ACL DRYRUN u config
ACL DRYRUN nobody get x
ACL DELUSER u
`;

export const aclArguments = `
ACL
ACL CAT
~ ACL CAT scripting
~ ACL CAT TRANSACTION
ACL CAT nonsense
ACL CAT a b
ACL GENPASS 0
ACL GENPASS -5
ACL GENPASS 4097
ACL GENPASS x
ACL GENPASS 1 2
? ACL GENPASS
? ACL GENPASS 4096
ACL WHOAMI x
ACL USERS x
ACL LIST x
ACL LOAD
ACL SAVE
ACL LOAD x
ACL LOG x
ACL LOG 1 2
ACL LOG RESET
ACL LOG
ACL SETUSER
ACL DELUSER
ACL GETUSER
ACL GETUSER a b
ACL DRYRUN default
ACL NONSENSE
AUTH x
AUTH default x
AUTH nobody x
AUTH a b c
AUTH
HELLO 3 AUTH nobody x
? HELLO 2 AUTH default anything
CLIENT KILL USER nobody
CLIENT KILL USER default SKIPME yes ID 999999
`;
