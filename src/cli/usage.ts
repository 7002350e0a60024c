import { VERSION } from './version.js';

/** `hexis cli --help` */
export const USAGE = `hexis cli ${VERSION}: talk to a Redis server or cluster, with redis-cli's options

Usage: hexis cli [OPTIONS] [COMMAND [ARGUMENT ...]]

Without a command it is interactive; commands on stdin run one a line.

Where to connect
  -h HOST                  host name or address (127.0.0.1)
  -p PORT                  port (6379)
  -s PATH                  Unix socket instead of host and port
  -u URI                   redis[s]://[[user:]password@][host[:port]][/db]
  -c                       follow the redirections of a cluster (MOVED and ASK)
  -n DB                    database number
  -t SECONDS               limit for connecting (10)
  -2, -3                   speak RESP2 or RESP3
  -a, --pass PASSWORD      password; the variable REDISCLI_AUTH keeps it out of the process list
  --user NAME              user name for -a
  --askpass                ask for the password
  --no-auth-warning        no warning about passwords on the command line

TLS
  --tls                    encrypt the connection
  --sni NAME               server name to ask for
  --cacert FILE            certificates to trust, or --cacertdir DIRECTORY
  --cert FILE --key FILE   certificate and key of this client
  --insecure               accept any certificate
  --tls-ciphers LIST, --tls-ciphersuites LIST

Commands
  -r N                     run the command N times, for ever when negative
  -i SECONDS               wait between repetitions, and between steps of the modes below
  -x                       read the last argument from stdin
  -X TAG                   read the argument TAG from stdin
  -e                       exit code 1 when the reply is an error
  --quoted-input           the arguments are quoted strings ("\\x00" and so on)
  --eval FILE [KEY ... , ARGUMENT ...]   run a Lua script
  --ldb                    debug the script of --eval, without effect on the data; --ldb-sync-mode with

Output
  --raw, --no-raw          bare values (when stdout is no terminal), or typed and numbered
  -d TEXT, -D TEXT         delimiter between elements, and behind replies, in raw output
  --csv, --json, --quoted-json
  --show-pushes YES|NO     print RESP3 pushes between replies

Modes
  --scan [--pattern P | --quoted-pattern P]   list the keys
  --bigkeys                the biggest key of each type, by elements
  --memkeys                the same by memory; --memkeys-samples N sets the sampling
  --hotkeys                the keys used most; needs an LFU maxmemory-policy
  --stat                   a line of statistics every second
  --latency                measure round trips; --latency-history starts anew every 15 seconds
  --intrinsic-latency SECONDS   how long this machine makes a process wait
  --lru-test KEYS          a cache workload, 80% of it on 20% of the keys
  --pipe                   send stdin, which is RESP, as fast as it goes; --pipe-timeout SECONDS (30)
  --rdb FILE               save the server's data; --functions-rdb FILE only its functions; - for stdout
  --replica                play a replica and print the commands it would get
  --cluster ...            the cluster manager, as hexis cluster

With -c, --scan, --bigkeys, --memkeys, --hotkeys and --stat cover all masters of the cluster, and --pipe sends each
command to the master of its key.

  --help, --version
`;
