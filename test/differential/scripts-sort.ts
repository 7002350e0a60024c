/** SORT. See compare.ts for the notation. */

export const sorting = `
RPUSH l 3 1 2 10 -1 1.5 1
SORT l
SORT l DESC
SORT l ALPHA
SORT l ALPHA DESC
SORT l ASC DESC
SORT l LIMIT 1 3
SORT l LIMIT -5 2
SORT l LIMIT 5 100
SORT l LIMIT 100 5
SORT l LIMIT 2 0
SORT l LIMIT 2 -1
SORT l LIMIT x 1
SORT l LIMIT 1
SORT l LIMIT 9223372036854775807 9223372036854775807
SORT l BY nosort
SORT l BY nosort DESC
SORT l BY nosort LIMIT 1 2
SORT l BY nosort DESC LIMIT 1 2
SORT l BY nosort LIMIT 100 2
SORT l BY nosort LIMIT 3 100
SORT l NONSENSE
SORT l BY
SORT l GET
SORT l STORE
SORT nothing
SORT nothing BY nosort
SORT nothing STORE d
EXISTS d
SORT
SET s v
SORT s
SORT s NONSENSE
RPUSH words banana apple "" cherry
SORT words
SORT words ALPHA
RPUSH spaces " 1" 2
SORT spaces
RPUSH nan 1 nan
SORT nan
RPUSH odd inf -inf 0x10 1e2
SORT odd
RPUSH blanks "" 1 -1
SORT blanks
MSET w_1 30 w_2 20 w_3 10 name_1 one name_2 two w_-1 0 w_10 5
SORT l BY w_*
SORT l BY w_* DESC
SORT l BY w_* GET # GET name_*
SORT l BY w_* LIMIT 1 3 GET name_*
SORT l BY name_* ALPHA
SORT l BY name_*
SORT l GET name_* GET nothing GET # GET *
HSET h_1 f 5 g "gee" "->" 1
HSET h_2 f 4
SORT l BY h_*->f
SORT l BY h_*->f GET h_*->g GET h_*-> GET h_*
SORT l GET s GET s*->f GET l*
SORT l BY w_* STORE d
LRANGE d 0 -1
OBJECT ENCODING d
SORT l GET name_* STORE d
LRANGE d 0 -1
SORT l LIMIT 100 1 STORE d
EXISTS d
SORT l STORE l
LRANGE l 0 -1
SORT l STORE s
TYPE s
SORT_RO l
SORT_RO l DESC GET # BY w_*
SORT_RO l STORE d
SADD set 5 4 3 1
SORT set
SORT set DESC LIMIT 1 2
SORT set BY nosort STORE d
LRANGE d 0 -1
SORT set BY nosort
SADD letters c a b
SORT letters ALPHA
SORT letters
SORT letters BY nosort STORE d
LRANGE d 0 -1
ZADD z 5 a 1 b 3 c 3 d
SORT z ALPHA
SORT z ALPHA DESC
SORT z BY nosort
SORT z BY nosort DESC
SORT z BY nosort LIMIT 1 2
SORT z BY nosort DESC LIMIT 1 2
SORT z BY nosort LIMIT 10 2
SORT z
SORT h_1
COMMAND GETKEYS SORT l BY store GET store STORE d STORE e
COMMAND GETKEYSANDFLAGS SORT l STORE d
COMMAND GETKEYSANDFLAGS SORT l LIMIT STORE d
COMMAND GETKEYSANDFLAGS SORT_RO l STORE d
`;
