/**
 * The commands as the client knows them, from the server's command table and `scripts/client/later.ts`. Written by
 * `npm run generate`: don't edit.
 *
 * A line is a name; first key, last key and step as COMMAND INFO gives them; traits, or `-`. If there is a method for
 * it, its name, its plan (`encode-plan.ts`, or how many parameters one after the other), and its transform follow.
 */
export const TABLE = `
ACL 0 0 0 -
ACL|CAT 0 0 0 textual aclCat [["one",0]]
ACL|DELUSER 0 0 0 - aclDelUser [["many",0]]
ACL|DRYRUN 0 0 0 textual aclDryRun [["one",0],["one",1],["many",2]]
ACL|GENPASS 0 0 0 textual aclGenPass [["one",0]]
ACL|GETUSER 0 0 0 - aclGetUser 1 "object"
ACL|HELP 0 0 0 textual
ACL|LIST 0 0 0 textual aclList 0
ACL|LOAD 0 0 0 - aclLoad 0
ACL|LOG 0 0 0 - aclLog [["one",0]] "object"
ACL|SAVE 0 0 0 - aclSave 0
ACL|SETUSER 0 0 0 - aclSetUser [["one",0],["many",1]]
ACL|USERS 0 0 0 textual aclUsers 0
ACL|WHOAMI 0 0 0 textual aclWhoAmI 0
APPEND 1 1 1 - append 2
ASKING 0 0 0 -
AUTH 0 0 0 -
BGREWRITEAOF 0 0 0 textual bgRewriteAof 0
BGSAVE 0 0 0 textual bgSave [["word","schedule","SCHEDULE"]]
BITCOUNT 1 1 1 readonly,cacheable bitCount [["one",0],["one","start"],["one","end"],["word","byte","BYTE"],["word","bit","BIT"]]
BITFIELD 1 1 1 - bitField [["one",0],["object",1,[["object","get",[["one","encoding"],["one","offset"]],"GET"],["one","overflow","OVERFLOW"],["object","set",[["one","encoding"],["one","offset"],["one","value"]],"SET"],["object","incrby",[["one","encoding"],["one","offset"],["one","increment"]],"INCRBY"]]]]
BITFIELD_RO 1 1 1 readonly,cacheable bitFieldRo [["one",0],["object","get",[["one","encoding"],["one","offset"]],"GET"]]
BITOP 2 -1 1 - bitOp [["one",0],["one",1],["many",2]]
BITPOS 1 1 1 readonly,cacheable bitPos [["one",0],["one",1],["one","start"],["one","end"],["word","byte","BYTE"],["word","bit","BIT"]]
BLMOVE 1 2 1 blocking blMove 5
BLMPOP 0 0 0 blocking,count=2 blmPop [["one",0],["count",1],["many",1],["one",2],["one","count","COUNT"]]
BLPOP 1 -2 1 blocking blPop [["many",0],["one",1]]
BRPOP 1 -2 1 blocking brPop [["many",0],["one",1]]
BRPOPLPUSH 1 2 1 blocking brPopLPush 3
BZMPOP 0 0 0 blocking,count=2 bzmPop [["one",0],["count",1],["many",1],["one",2],["one","count","COUNT"]] "keyAndScores"
BZPOPMAX 1 -2 1 blocking bzPopMax [["many",0],["one",1]] "keyAndScore"
BZPOPMIN 1 -2 1 blocking bzPopMin [["many",0],["one",1]] "keyAndScore"
CLIENT 0 0 0 -
CLIENT|CACHING 0 0 0 -
CLIENT|GETNAME 0 0 0 - clientGetName 0
CLIENT|GETREDIR 0 0 0 - clientGetRedir 0
CLIENT|HELP 0 0 0 textual
CLIENT|ID 0 0 0 - clientId 0
CLIENT|INFO 0 0 0 textual clientInfo 0
CLIENT|KILL 0 0 0 - clientKill [["object",0,[["one","id","ID"],["one","type","TYPE"],["one","user","USER"],["one","addr","ADDR"],["one","laddr","LADDR"],["one","skipme","SKIPME"]]]]
CLIENT|LIST 0 0 0 textual clientList [["one","type","TYPE"],["many","id","ID"]]
CLIENT|NO-EVICT 0 0 0 - clientNoEvict 1
CLIENT|PAUSE 0 0 0 - clientPause [["one",0],["one",1]]
CLIENT|REPLY 0 0 0 -
CLIENT|SETNAME 0 0 0 -
CLIENT|TRACKING 0 0 0 -
CLIENT|TRACKINGINFO 0 0 0 - clientTrackingInfo 0 "tracking"
CLIENT|UNBLOCK 0 0 0 - clientUnblock [["one",0],["one",1]] "boolean"
CLIENT|UNPAUSE 0 0 0 - clientUnpause 0
CLUSTER 0 0 0 -
CLUSTER|ADDSLOTS 0 0 0 - clusterAddSlots [["many",0]]
CLUSTER|ADDSLOTSRANGE 0 0 0 - clusterAddSlotsRange [["object",0,[["one","startSlot"],["one","endSlot"]]]]
CLUSTER|BUMPEPOCH 0 0 0 textual clusterBumpEpoch 0
CLUSTER|COUNT-FAILURE-REPORTS 0 0 0 - clusterCountFailureReports 1
CLUSTER|COUNTKEYSINSLOT 0 0 0 - clusterCountKeysInSlot 1
CLUSTER|DELSLOTS 0 0 0 - clusterDelSlots [["many",0]]
CLUSTER|DELSLOTSRANGE 0 0 0 - clusterDelSlotsRange [["object",0,[["one","startSlot"],["one","endSlot"]]]]
CLUSTER|FAILOVER 0 0 0 - clusterFailover [["one",0]]
CLUSTER|FLUSHSLOTS 0 0 0 - clusterFlushSlots 0
CLUSTER|FORGET 0 0 0 - clusterForget 1
CLUSTER|GETKEYSINSLOT 0 0 0 - clusterGetKeysInSlot 2
CLUSTER|HELP 0 0 0 textual
CLUSTER|INFO 0 0 0 textual clusterInfo 0
CLUSTER|KEYSLOT 0 0 0 - clusterKeySlot 1
CLUSTER|LINKS 0 0 0 textual clusterLinks 0 "objects"
CLUSTER|MEET 0 0 0 - clusterMeet [["one",0],["one",1],["one",2]]
CLUSTER|MYID 0 0 0 textual clusterMyId 0
CLUSTER|NODES 0 0 0 textual clusterNodes 0
CLUSTER|REPLICAS 0 0 0 textual clusterReplicas 1
CLUSTER|REPLICATE 0 0 0 - clusterReplicate 1
CLUSTER|RESET 0 0 0 - clusterReset [["one",0]]
CLUSTER|SAVECONFIG 0 0 0 - clusterSaveConfig 0
CLUSTER|SET-CONFIG-EPOCH 0 0 0 - clusterSetConfigEpoch 1
CLUSTER|SETSLOT 0 0 0 - clusterSetSlot [["one",0],["object",1,[["one","importing","IMPORTING"],["one","migrating","MIGRATING"],["one","node","NODE"],["word","stable","STABLE"]]]]
CLUSTER|SHARDS 0 0 0 textual clusterShards 0 "shards"
CLUSTER|SLAVES 0 0 0 textual clusterSlaves 1
CLUSTER|SLOTS 0 0 0 - clusterSlots 0
COMMAND 0 0 0 - command [["many",0]]
COMMAND|COUNT 0 0 0 - commandCount 0
COMMAND|DOCS 0 0 0 - commandDocs [["many",0]] "object"
COMMAND|GETKEYS 0 0 0 - commandGetKeys [["many",0]]
COMMAND|GETKEYSANDFLAGS 0 0 0 - commandGetKeysAndFlags [["many",0]]
COMMAND|HELP 0 0 0 textual
COMMAND|INFO 0 0 0 - commandInfo [["many",0]]
COMMAND|LIST 0 0 0 textual commandList [["object","filterby",[["one","module","MODULE"],["one","aclcat","ACLCAT"],["one","pattern","PATTERN"]],"FILTERBY"]]
CONFIG 0 0 0 -
CONFIG|GET 0 0 0 textual configGet [["many",0]] "record"
CONFIG|HELP 0 0 0 textual
CONFIG|RESETSTAT 0 0 0 - configResetStat 0
CONFIG|REWRITE 0 0 0 - configRewrite 0
CONFIG|SET 0 0 0 all-nodes,all-succeeded configSet [["entries",0]]
COPY 1 2 1 - copy [["one",0],["one",1],["one","db","DB"],["word","replace","REPLACE"]] "boolean"
DBSIZE 0 0 0 readonly,all-masters,sum dbSize 0
DEBUG 0 0 0 -
DECR 1 1 1 - decr 1
DECRBY 1 1 1 - decrBy 2
DEL 1 -1 1 per-slot,sum del [["many",0]]
DISCARD 0 0 0 -
DUMP 1 1 1 readonly dump 1
ECHO 0 0 0 - echo 1
EVAL 0 0 0 count=2
EVALSHA 0 0 0 count=2
EVALSHA_RO 0 0 0 readonly,count=2
EVAL_RO 0 0 0 readonly,count=2
EXEC 0 0 0 -
EXISTS 1 -1 1 readonly,per-slot,sum exists [["many",0]]
EXPIRE 1 1 1 - expire [["one",0],["one",1],["one",2]] "boolean"
EXPIREAT 1 1 1 - expireAt [["one",0],["one",1],["one",2]] "boolean"
EXPIRETIME 1 1 1 readonly,cacheable expireTime 1
FAILOVER 0 0 0 - failover [["object","to",[["one","host"],["one","port"],["word","force","FORCE"]],"TO"],["word","abort","ABORT"],["one","timeout","TIMEOUT"]]
FCALL 0 0 0 count=2
FCALL_RO 0 0 0 readonly,count=2
FLUSHALL 0 0 0 all-masters,all-succeeded flushAll [["one",0]]
FLUSHDB 0 0 0 all-masters,all-succeeded flushDb [["one",0]]
FUNCTION 0 0 0 -
FUNCTION|DELETE 0 0 0 all-masters,all-succeeded functionDelete 1
FUNCTION|DUMP 0 0 0 - functionDump 0
FUNCTION|FLUSH 0 0 0 all-masters,all-succeeded functionFlush [["one",0]]
FUNCTION|HELP 0 0 0 textual
FUNCTION|KILL 0 0 0 all-masters,one-succeeded functionKill 0
FUNCTION|LIST 0 0 0 - functionList [["one","libraryname","LIBRARYNAME"],["word","withcode","WITHCODE"]]
FUNCTION|LOAD 0 0 0 all-masters,all-succeeded functionLoad [["word","replace","REPLACE"],["one",0]]
FUNCTION|RESTORE 0 0 0 all-masters,all-succeeded functionRestore [["one",0],["one",1]]
FUNCTION|STATS 0 0 0 - functionStats 0
GEOADD 1 1 1 - geoAdd [["one",0],["word","nx","NX"],["word","xx","XX"],["word","ch","CH"],["object",1,[["one","longitude"],["one","latitude"],["one","member"]]]]
GEODIST 1 1 1 readonly,cacheable geoDist [["one",0],["one",1],["one",2],["one",3]] "number"
GEOHASH 1 1 1 readonly,cacheable geoHash [["one",0],["many",1]]
GEOPOS 1 1 1 readonly,cacheable geoPos [["one",0],["many",1]] "positions"
GEORADIUS 1 1 1 - geoRadius [["one",0],["one",1],["one",2],["one",3],["one",4],["word","withcoord","WITHCOORD"],["word","withdist","WITHDIST"],["word","withhash","WITHHASH"],["one","count","COUNT"],["word","any","ANY"],["word","asc","ASC"],["word","desc","DESC"],["one","store","STORE"],["one","storedist","STOREDIST"]] [[["store","storedist"],""],[["withcoord","withdist","withhash"],"places"],[[],""]]
GEORADIUSBYMEMBER 1 1 1 - geoRadiusByMember [["one",0],["one",1],["one",2],["one",3],["word","withcoord","WITHCOORD"],["word","withdist","WITHDIST"],["word","withhash","WITHHASH"],["one","count","COUNT"],["word","any","ANY"],["word","asc","ASC"],["word","desc","DESC"],["one","store","STORE"],["one","storedist","STOREDIST"]] [[["store","storedist"],""],[["withcoord","withdist","withhash"],"places"],[[],""]]
GEORADIUSBYMEMBER_RO 1 1 1 readonly,cacheable geoRadiusByMemberRo [["one",0],["one",1],["one",2],["one",3],["word","withcoord","WITHCOORD"],["word","withdist","WITHDIST"],["word","withhash","WITHHASH"],["one","count","COUNT"],["word","any","ANY"],["word","asc","ASC"],["word","desc","DESC"]] [[["withcoord","withdist","withhash"],"places"],[[],""]]
GEORADIUS_RO 1 1 1 readonly,cacheable geoRadiusRo [["one",0],["one",1],["one",2],["one",3],["one",4],["word","withcoord","WITHCOORD"],["word","withdist","WITHDIST"],["word","withhash","WITHHASH"],["one","count","COUNT"],["word","any","ANY"],["word","asc","ASC"],["word","desc","DESC"]] [[["withcoord","withdist","withhash"],"places"],[[],""]]
GEOSEARCH 1 1 1 readonly,cacheable geoSearch [["one",0],["object",1,[["one","frommember","FROMMEMBER"],["object","fromlonlat",[["one","longitude"],["one","latitude"]],"FROMLONLAT"]]],["object",2,[["object","byradius",[["one","radius"],["one","unit"]],"BYRADIUS"],["object","bybox",[["one","width"],["one","height"],["one","unit"]],"BYBOX"]]],["word","asc","ASC"],["word","desc","DESC"],["one","count","COUNT"],["word","any","ANY"],["word","withcoord","WITHCOORD"],["word","withdist","WITHDIST"],["word","withhash","WITHHASH"]] [[["withcoord","withdist","withhash"],"places"],[[],""]]
GEOSEARCHSTORE 1 2 1 - geoSearchStore [["one",0],["one",1],["object",2,[["one","frommember","FROMMEMBER"],["object","fromlonlat",[["one","longitude"],["one","latitude"]],"FROMLONLAT"]]],["object",3,[["object","byradius",[["one","radius"],["one","unit"]],"BYRADIUS"],["object","bybox",[["one","width"],["one","height"],["one","unit"]],"BYBOX"]]],["word","asc","ASC"],["word","desc","DESC"],["one","count","COUNT"],["word","any","ANY"],["word","storedist","STOREDIST"]]
GET 1 1 1 readonly,cacheable get 1
GETBIT 1 1 1 readonly,cacheable getBit 2
GETDEL 1 1 1 - getDel 1
GETEX 1 1 1 - getEx [["one",0],["one","ex","EX"],["one","px","PX"],["one","exat","EXAT"],["one","pxat","PXAT"],["word","persist","PERSIST"]]
GETRANGE 1 1 1 readonly,cacheable getRange 3
GETSET 1 1 1 - getSet 2
HDEL 1 1 1 - hDel [["one",0],["many",1]]
HELLO 0 0 0 -
HEXISTS 1 1 1 readonly,cacheable hExists 2 "boolean"
HEXPIRE 1 1 1 - hExpire [["one",0],["one",1],["word","nx","NX"],["word","xx","XX"],["word","gt","GT"],["word","lt","LT"],["always","FIELDS"],["count",2],["many",2]]
HEXPIREAT 1 1 1 - hExpireAt [["one",0],["one",1],["word","nx","NX"],["word","xx","XX"],["word","gt","GT"],["word","lt","LT"],["always","FIELDS"],["count",2],["many",2]]
HEXPIRETIME 1 1 1 readonly,cacheable hExpireTime [["one",0],["always","FIELDS"],["count",1],["many",1]]
HGET 1 1 1 readonly,cacheable hGet 2
HGETALL 1 1 1 readonly,cacheable hGetAll 1 "record"
HGETDEL 1 1 1 - hGetDel [["one",0],["always","FIELDS"],["count",1],["many",1]]
HGETEX 1 1 1 - hGetEx [["one",0],["one","ex","EX"],["one","px","PX"],["one","exat","EXAT"],["one","pxat","PXAT"],["word","persist","PERSIST"],["always","FIELDS"],["count",1],["many",1]]
HINCRBY 1 1 1 - hIncrBy 3
HINCRBYFLOAT 1 1 1 - hIncrByFloat 3 "number"
HKEYS 1 1 1 readonly,cacheable hKeys 1
HLEN 1 1 1 readonly,cacheable hLen 1
HMGET 1 1 1 readonly,cacheable hmGet [["one",0],["many",1]]
HMSET 1 1 1 - hmSet [["one",0],["entries",1]]
HPERSIST 1 1 1 - hPersist [["one",0],["always","FIELDS"],["count",1],["many",1]]
HPEXPIRE 1 1 1 - hpExpire [["one",0],["one",1],["word","nx","NX"],["word","xx","XX"],["word","gt","GT"],["word","lt","LT"],["always","FIELDS"],["count",2],["many",2]]
HPEXPIREAT 1 1 1 - hpExpireAt [["one",0],["one",1],["word","nx","NX"],["word","xx","XX"],["word","gt","GT"],["word","lt","LT"],["always","FIELDS"],["count",2],["many",2]]
HPEXPIRETIME 1 1 1 readonly,cacheable hpExpireTime [["one",0],["always","FIELDS"],["count",1],["many",1]]
HPTTL 1 1 1 readonly hpTTL [["one",0],["always","FIELDS"],["count",1],["many",1]]
HRANDFIELD 1 1 1 readonly hRandField [["one",0],["one","count"],["word","withvalues","WITHVALUES"]] [[["withvalues"],"pairs"],[["count"],""],[[],""]]
HSCAN 1 1 1 readonly hScan [["one",0],["one",1],["one","match","MATCH"],["one","count","COUNT"]] "scannedFields"
HSET 1 1 1 - hSet [["one",0],["entries",1]]
HSETEX 1 1 1 - hSetEx [["one",0],["word","fnx","FNX"],["word","fxx","FXX"],["one","ex","EX"],["one","px","PX"],["one","exat","EXAT"],["one","pxat","PXAT"],["word","keepttl","KEEPTTL"],["always","FIELDS"],["entries",1,"counted"]] "boolean"
HSETNX 1 1 1 - hSetNX 3 "boolean"
HSTRLEN 1 1 1 readonly,cacheable hStrLen 2
HTTL 1 1 1 readonly hTTL [["one",0],["always","FIELDS"],["count",1],["many",1]]
HVALS 1 1 1 readonly,cacheable hVals 1
INCR 1 1 1 - incr 1
INCRBY 1 1 1 - incrBy 2
INCRBYFLOAT 1 1 1 - incrByFloat 2 "number"
INFO 0 0 0 textual info [["many",0]]
KEYS 0 0 0 readonly,all-masters,concatenate keys 1
LASTSAVE 0 0 0 - lastSave 0
LATENCY 0 0 0 -
LATENCY|DOCTOR 0 0 0 textual latencyDoctor 0
LATENCY|GRAPH 0 0 0 textual latencyGraph 1
LATENCY|HELP 0 0 0 textual
LATENCY|HISTOGRAM 0 0 0 - latencyHistogram [["many",0]] "histograms"
LATENCY|HISTORY 0 0 0 - latencyHistory 1
LATENCY|LATEST 0 0 0 textual latencyLatest 0
LATENCY|RESET 0 0 0 all-nodes,all-succeeded latencyReset [["many",0]]
LCS 1 2 1 readonly lcs [["one",0],["one",1],["word","len","LEN"],["word","idx","IDX"],["one","minmatchlen","MINMATCHLEN"],["word","withmatchlen","WITHMATCHLEN"]] [[["len"],""],[["idx"],"object"],[[],""]]
LINDEX 1 1 1 readonly,cacheable lIndex 2
LINSERT 1 1 1 - lInsert 4
LLEN 1 1 1 readonly,cacheable lLen 1
LMOVE 1 2 1 - lMove 4
LMPOP 0 0 0 count=1 lmPop [["count",0],["many",0],["one",1],["one","count","COUNT"]]
LOLWUT 0 0 0 readonly,textual lolwut [["one","version","VERSION"]]
LPOP 1 1 1 - lPop [["one",0],["one",1]]
LPOS 1 1 1 readonly,cacheable lPos [["one",0],["one",1],["one","rank","RANK"],["one","count","COUNT"],["one","maxlen","MAXLEN"]]
LPUSH 1 1 1 - lPush [["one",0],["many",1]]
LPUSHX 1 1 1 - lPushX [["one",0],["many",1]]
LRANGE 1 1 1 readonly,cacheable lRange 3
LREM 1 1 1 - lRem 3
LSET 1 1 1 - lSet 3
LTRIM 1 1 1 - lTrim 3
MEMORY 0 0 0 -
MEMORY|DOCTOR 0 0 0 textual memoryDoctor 0
MEMORY|HELP 0 0 0 textual
MEMORY|MALLOC-STATS 0 0 0 textual memoryMallocStats 0
MEMORY|PURGE 0 0 0 all-masters,all-succeeded memoryPurge 0
MEMORY|STATS 0 0 0 - memoryStats 0 "object"
MEMORY|USAGE 2 2 1 readonly memoryUsage [["one",0],["one","samples","SAMPLES"]]
MGET 1 -1 1 readonly,per-slot,in-key-order mGet [["many",0]]
MIGRATE 3 3 1 - migrate [["one",0],["one",1],["one",2],["one",3],["one",4],["word","copy","COPY"],["word","replace","REPLACE"],["one","auth","AUTH"],["object","auth2",[["one","username"],["one","password"]],"AUTH2"],["many","keys","KEYS"]]
MODULE 0 0 0 -
MODULE|HELP 0 0 0 textual
MODULE|LIST 0 0 0 - moduleList 0
MODULE|LOAD 0 0 0 - moduleLoad [["one",0],["many",1]]
MODULE|LOADEX 0 0 0 - moduleLoadEx [["one",0],["object","config",[["one","name"],["one","value"]],"CONFIG"],["many","args","ARGS"]]
MODULE|UNLOAD 0 0 0 - moduleUnload 1
MONITOR 0 0 0 -
MOVE 1 1 1 - move 2 "boolean"
MSET 1 -1 2 per-slot,all-succeeded mSet [["entries",0]]
MSETNX 1 -1 2 - mSetNX [["entries",0]] "boolean"
MULTI 0 0 0 -
OBJECT 0 0 0 -
OBJECT|ENCODING 2 2 1 readonly,textual objectEncoding 1
OBJECT|FREQ 2 2 1 readonly objectFreq 1
OBJECT|HELP 0 0 0 textual
OBJECT|IDLETIME 2 2 1 readonly objectIdleTime 1
OBJECT|REFCOUNT 2 2 1 readonly objectRefCount 1
PERSIST 1 1 1 - persist 1 "boolean"
PEXPIRE 1 1 1 - pExpire [["one",0],["one",1],["one",2]] "boolean"
PEXPIREAT 1 1 1 - pExpireAt [["one",0],["one",1],["one",2]] "boolean"
PEXPIRETIME 1 1 1 readonly,cacheable pExpireTime 1
PFADD 1 1 1 - pfAdd [["one",0],["many",1]] "boolean"
PFCOUNT 1 -1 1 readonly pfCount [["many",0]]
PFDEBUG 2 2 1 -
PFMERGE 1 -1 1 - pfMerge [["one",0],["many",1]]
PFSELFTEST 0 0 0 -
PING 0 0 0 all-masters,all-succeeded ping [["one",0]]
PSETEX 1 1 1 - pSetEx 3
PSUBSCRIBE 0 0 0 -
PSYNC 0 0 0 -
PTTL 1 1 1 readonly pTTL 1
PUBLISH 0 0 0 steady publish 2
PUBSUB 0 0 0 -
PUBSUB|CHANNELS 0 0 0 - pubSubChannels [["one",0]]
PUBSUB|HELP 0 0 0 textual
PUBSUB|NUMPAT 0 0 0 - pubSubNumPat 0
PUBSUB|NUMSUB 0 0 0 - pubSubNumSub [["many",0]]
PUBSUB|SHARDCHANNELS 0 0 0 - pubSubShardChannels [["one",0]]
PUBSUB|SHARDNUMSUB 0 0 0 - pubSubShardNumSub [["many",0]]
PUNSUBSCRIBE 0 0 0 -
QUIT 0 0 0 -
RANDOMKEY 0 0 0 readonly,all-masters,any randomKey 0
READONLY 0 0 0 -
READWRITE 0 0 0 -
RENAME 1 2 1 - rename 2
RENAMENX 1 2 1 - renameNX 2 "boolean"
REPLCONF 0 0 0 -
REPLICAOF 0 0 0 - replicaOf [["object",0,[["one","host"],["one","port"],["word","noone","NO|ONE"]]]]
RESET 0 0 0 -
RESTORE 1 1 1 - restore [["one",0],["one",1],["one",2],["word","replace","REPLACE"],["word","absttl","ABSTTL"],["one","idletime","IDLETIME"],["one","freq","FREQ"]]
RESTORE-ASKING 1 1 1 -
ROLE 0 0 0 - role 0
RPOP 1 1 1 - rPop [["one",0],["one",1]]
RPOPLPUSH 1 2 1 - rPopLPush 2
RPUSH 1 1 1 - rPush [["one",0],["many",1]]
RPUSHX 1 1 1 - rPushX [["one",0],["many",1]]
SADD 1 1 1 - sAdd [["one",0],["many",1]]
SAVE 0 0 0 - save 0
SCAN 0 0 0 readonly
SCARD 1 1 1 readonly,cacheable sCard 1
SCRIPT 0 0 0 -
SCRIPT|DEBUG 0 0 0 -
SCRIPT|EXISTS 0 0 0 all-masters,logical-and scriptExists [["many",0]] "booleans"
SCRIPT|FLUSH 0 0 0 all-nodes,all-succeeded scriptFlush [["one",0]]
SCRIPT|HELP 0 0 0 textual
SCRIPT|KILL 0 0 0 all-masters,one-succeeded scriptKill 0
SCRIPT|LOAD 0 0 0 textual,all-nodes,all-succeeded scriptLoad 1
SDIFF 1 -1 1 readonly sDiff [["many",0]] "set"
SDIFFSTORE 1 -1 1 - sDiffStore [["one",0],["many",1]]
SELECT 0 0 0 -
SET 1 1 1 - set [["one",0],["one",1],["word","nx","NX"],["word","xx","XX"],["word","get","GET"],["one","ex","EX"],["one","px","PX"],["one","exat","EXAT"],["one","pxat","PXAT"],["word","keepttl","KEEPTTL"]]
SETBIT 1 1 1 - setBit 3
SETEX 1 1 1 - setEx 3
SETNX 1 1 1 - setNX 2 "boolean"
SETRANGE 1 1 1 - setRange 3
SHUTDOWN 0 0 0 - shutdown [["word","nosave","NOSAVE"],["word","save","SAVE"],["word","now","NOW"],["word","force","FORCE"],["word","abort","ABORT"]]
SINTER 1 -1 1 readonly sInter [["many",0]] "set"
SINTERCARD 0 0 0 readonly,count=1 sInterCard [["count",0],["many",0],["one","limit","LIMIT"]]
SINTERSTORE 1 -1 1 - sInterStore [["one",0],["many",1]]
SISMEMBER 1 1 1 readonly,cacheable sIsMember 2 "boolean"
SLAVEOF 0 0 0 - slaveOf [["object",0,[["one","host"],["one","port"],["word","noone","NO|ONE"]]]]
SLOWLOG 0 0 0 -
SLOWLOG|GET 0 0 0 all-nodes,concatenate slowLogGet [["one",0]]
SLOWLOG|HELP 0 0 0 textual
SLOWLOG|LEN 0 0 0 all-nodes,sum slowLogLen 0
SLOWLOG|RESET 0 0 0 all-nodes,all-succeeded slowLogReset 0
SMEMBERS 1 1 1 readonly,cacheable sMembers 1 "set"
SMISMEMBER 1 1 1 readonly,cacheable smIsMember [["one",0],["many",1]] "booleans"
SMOVE 1 2 1 - sMove 3 "boolean"
SORT 1 1 1 - sort [["one",0],["one","by","BY"],["object","limit",[["one","offset"],["one","count"]],"LIMIT"],["each","get","GET"],["word","asc","ASC"],["word","desc","DESC"],["word","alpha","ALPHA"],["one","store","STORE"]]
SORT_RO 1 1 1 readonly sortRo [["one",0],["one","by","BY"],["object","limit",[["one","offset"],["one","count"]],"LIMIT"],["each","get","GET"],["word","asc","ASC"],["word","desc","DESC"],["word","alpha","ALPHA"]]
SPOP 1 1 1 - sPop [["one",0],["one",1]] [[[1],"set"],[[],""]]
SPUBLISH 1 1 1 - sPublish 2
SRANDMEMBER 1 1 1 readonly sRandMember [["one",0],["one",1]]
SREM 1 1 1 - sRem [["one",0],["many",1]]
SSCAN 1 1 1 readonly sScan [["one",0],["one",1],["one","match","MATCH"],["one","count","COUNT"]]
SSUBSCRIBE 1 -1 1 -
STRLEN 1 1 1 readonly,cacheable strLen 1
SUBSCRIBE 0 0 0 -
SUBSTR 1 1 1 readonly,cacheable subStr 3
SUNION 1 -1 1 readonly sUnion [["many",0]] "set"
SUNIONSTORE 1 -1 1 - sUnionStore [["one",0],["many",1]]
SUNSUBSCRIBE 1 -1 1 -
SWAPDB 0 0 0 - swapDb 2
SYNC 0 0 0 -
TIME 0 0 0 textual time 0
TOUCH 1 -1 1 readonly,per-slot,sum touch [["many",0]]
TTL 1 1 1 readonly ttl 1
TYPE 1 1 1 readonly,cacheable,textual type 1
UNLINK 1 -1 1 per-slot,sum unlink [["many",0]]
UNSUBSCRIBE 0 0 0 -
UNWATCH 0 0 0 -
WAIT 0 0 0 all-masters,min wait 2
WAITAOF 0 0 0 all-masters,min waitAof 3
WATCH 1 -1 1 -
XACK 1 1 1 - xAck [["one",0],["one",1],["many",2]]
XADD 1 1 1 - xAdd [["one",0],["word","nomkstream","NOMKSTREAM"],["named","maxlen","MAXLEN",["operator"]],["named","minid","MINID",["operator"]],["one","limit","LIMIT"],["one",1],["entries",2]]
XAUTOCLAIM 1 1 1 - xAutoClaim [["one",0],["one",1],["one",2],["one",3],["one",4],["one","count","COUNT"],["word","justid","JUSTID"]] [[["justid"],""],[[],"claimed"]]
XCLAIM 1 1 1 - xClaim [["one",0],["one",1],["one",2],["one",3],["many",4],["one","idle","IDLE"],["one","time","TIME"],["one","retrycount","RETRYCOUNT"],["word","force","FORCE"],["word","justid","JUSTID"],["one","lastid","LASTID"]] [[["justid"],""],[[],"entries"]]
XDEL 1 1 1 - xDel [["one",0],["many",1]]
XGROUP 0 0 0 -
XGROUP|CREATE 2 2 1 - xGroupCreate [["one",0],["one",1],["one",2],["word","mkstream","MKSTREAM"],["one","entriesread","ENTRIESREAD"]]
XGROUP|CREATECONSUMER 2 2 1 - xGroupCreateConsumer 3
XGROUP|DELCONSUMER 2 2 1 - xGroupDelConsumer 3
XGROUP|DESTROY 2 2 1 - xGroupDestroy 2
XGROUP|HELP 0 0 0 textual
XGROUP|SETID 2 2 1 - xGroupSetId [["one",0],["one",1],["one",2],["one","entriesread","ENTRIESREAD"]]
XINFO 0 0 0 -
XINFO|CONSUMERS 2 2 1 readonly xInfoConsumers 2 "objects"
XINFO|GROUPS 2 2 1 readonly xInfoGroups 1 "objects"
XINFO|HELP 0 0 0 textual
XINFO|STREAM 2 2 1 readonly xInfoStream [["one",0],["word","full","FULL"],["one","count","COUNT"]] "object"
XLEN 1 1 1 readonly,cacheable xLen 1
XPENDING 1 1 1 readonly xPending [["one",0],["one",1],["one","idle","IDLE"],["one","start"],["one","end"],["one","count"],["one","consumer"]] [[["start"],""],[[],"pending"]]
XRANGE 1 1 1 readonly,cacheable xRange [["one",0],["one",1],["one",2],["one","count","COUNT"]] "entries"
XREAD 0 0 0 readonly,blocking,after=STREAMS xRead [["one","count","COUNT"],["one","block","BLOCK"],["always","STREAMS"],["many",0],["many",1]] "streams"
XREADGROUP 0 0 0 blocking,after=STREAMS xReadGroup [["always","GROUP"],["one",0],["one",1],["one","count","COUNT"],["one","block","BLOCK"],["word","noack","NOACK"],["always","STREAMS"],["many",2],["many",3]] "streams"
XREVRANGE 1 1 1 readonly,cacheable xRevRange [["one",0],["one",1],["one",2],["one","count","COUNT"]] "entries"
XSETID 1 1 1 - xSetId [["one",0],["one",1],["one","entriesadded","ENTRIESADDED"],["one","maxdeletedid","MAXDELETEDID"]]
XTRIM 1 1 1 - xTrim [["one",0],["object",1,[["named","maxlen","MAXLEN",["operator"]],["named","minid","MINID",["operator"]],["one","limit","LIMIT"]]]]
ZADD 1 1 1 - zAdd [["one",0],["word","nx","NX"],["word","xx","XX"],["word","gt","GT"],["word","lt","LT"],["word","ch","CH"],["word","incr","INCR"],["object",1,[["one","score"],["one","member"]]]] [[["incr"],"number"],[[],""]]
ZCARD 1 1 1 readonly,cacheable zCard 1
ZCOUNT 1 1 1 readonly,cacheable zCount 3
ZDIFF 0 0 0 readonly,count=1 zDiff [["count",0],["many",0],["word","withscores","WITHSCORES"]] [[["withscores"],"scores"],[[],""]]
ZDIFFSTORE 1 1 1 - zDiffStore [["one",0],["count",1],["many",1]]
ZINCRBY 1 1 1 - zIncrBy 3 "number"
ZINTER 0 0 0 readonly,count=1 zInter [["count",0],["many",0],["many","weights","WEIGHTS"],["one","aggregate","AGGREGATE"],["word","withscores","WITHSCORES"]] [[["withscores"],"scores"],[[],""]]
ZINTERCARD 0 0 0 readonly,count=1 zInterCard [["count",0],["many",0],["one","limit","LIMIT"]]
ZINTERSTORE 1 1 1 - zInterStore [["one",0],["count",1],["many",1],["many","weights","WEIGHTS"],["one","aggregate","AGGREGATE"]]
ZLEXCOUNT 1 1 1 readonly,cacheable zLexCount 3
ZMPOP 0 0 0 count=1 zmPop [["count",0],["many",0],["one",1],["one","count","COUNT"]] "keyAndScores"
ZMSCORE 1 1 1 readonly,cacheable zmScore [["one",0],["many",1]] "numbers"
ZPOPMAX 1 1 1 - zPopMax [["one",0],["one",1]] [[[1],"scores"],[[],"score"]]
ZPOPMIN 1 1 1 - zPopMin [["one",0],["one",1]] [[[1],"scores"],[[],"score"]]
ZRANDMEMBER 1 1 1 readonly zRandMember [["one",0],["one","count"],["word","withscores","WITHSCORES"]] [[["withscores"],"scores"],[["count"],""],[[],""]]
ZRANGE 1 1 1 readonly,cacheable zRange [["one",0],["one",1],["one",2],["word","byscore","BYSCORE"],["word","bylex","BYLEX"],["word","rev","REV"],["object","limit",[["one","offset"],["one","count"]],"LIMIT"],["word","withscores","WITHSCORES"]] [[["withscores"],"scores"],[[],""]]
ZRANGEBYLEX 1 1 1 readonly,cacheable zRangeByLex [["one",0],["one",1],["one",2],["object","limit",[["one","offset"],["one","count"]],"LIMIT"]]
ZRANGEBYSCORE 1 1 1 readonly,cacheable zRangeByScore [["one",0],["one",1],["one",2],["word","withscores","WITHSCORES"],["object","limit",[["one","offset"],["one","count"]],"LIMIT"]] [[["withscores"],"scores"],[[],""]]
ZRANGESTORE 1 2 1 - zRangeStore [["one",0],["one",1],["one",2],["one",3],["word","byscore","BYSCORE"],["word","bylex","BYLEX"],["word","rev","REV"],["object","limit",[["one","offset"],["one","count"]],"LIMIT"]]
ZRANK 1 1 1 readonly,cacheable zRank 2
ZREM 1 1 1 - zRem [["one",0],["many",1]]
ZREMRANGEBYLEX 1 1 1 - zRemRangeByLex 3
ZREMRANGEBYRANK 1 1 1 - zRemRangeByRank 3
ZREMRANGEBYSCORE 1 1 1 - zRemRangeByScore 3
ZREVRANGE 1 1 1 readonly,cacheable zRevRange [["one",0],["one",1],["one",2],["word","withscores","WITHSCORES"]] [[["withscores"],"scores"],[[],""]]
ZREVRANGEBYLEX 1 1 1 readonly,cacheable zRevRangeByLex [["one",0],["one",1],["one",2],["object","limit",[["one","offset"],["one","count"]],"LIMIT"]]
ZREVRANGEBYSCORE 1 1 1 readonly,cacheable zRevRangeByScore [["one",0],["one",1],["one",2],["word","withscores","WITHSCORES"],["object","limit",[["one","offset"],["one","count"]],"LIMIT"]] [[["withscores"],"scores"],[[],""]]
ZREVRANK 1 1 1 readonly,cacheable zRevRank 2
ZSCAN 1 1 1 readonly zScan [["one",0],["one",1],["one","match","MATCH"],["one","count","COUNT"]] "scannedScores"
ZSCORE 1 1 1 readonly,cacheable zScore 2 "number"
ZUNION 0 0 0 readonly,count=1 zUnion [["count",0],["many",0],["many","weights","WEIGHTS"],["one","aggregate","AGGREGATE"],["word","withscores","WITHSCORES"]] [[["withscores"],"scores"],[[],""]]
ZUNIONSTORE 1 1 1 - zUnionStore [["one",0],["count",1],["many",1],["many","weights","WEIGHTS"],["one","aggregate","AGGREGATE"]]
`;
