/** Scripts and functions: conversions, the sandbox, the libraries of scripts, errors. See compare.ts for the notation. */

export const evaluation = `
EVAL "return 1" 0
EVAL "return 1.9" 0
EVAL "return -1.9" 0
EVAL "return 2^53" 0
EVAL "return 2^63" 0
EVAL "return -2^63" 0
EVAL "return 0/0" 0
EVAL "return 'text'" 0
EVAL "return '\\x00\\xff'" 0
EVAL "return true" 0
EVAL "return false" 0
EVAL "return nil" 0
EVAL "return" 0
EVAL "" 0
EVAL "return {}" 0
EVAL "return {1,'a',{2,{}},true,false,nil,3}" 0
EVAL "return {1,2,x=3}" 0
EVAL "return {ok='fine'}" 0
EVAL "return {ok='two\\nlines'}" 0
EVAL "return {err='plain'}" 0
EVAL "return {err='ERR with code'}" 0
EVAL "return {double=3.25}" 0
EVAL "return {double=1/0}" 0
EVAL "return {big_number='12345678901234567890'}" 0
EVAL "return {map={a=1}}" 0
EVAL "return {set={a=true}}" 0
EVAL "return {verbatim_string={format='txt',string='hello'}}" 0
EVAL "return {verbatim_string={format='txt'}}" 0
EVAL "return redis.status_reply('x')" 0
EVAL "return redis.error_reply('x')" 0
EVAL "return redis.error_reply('MY code')" 0
EVAL "return redis.error_reply('-MY code')" 0
EVAL "return redis.error_reply()" 0
EVAL "return redis.status_reply(1)" 0
EVAL "return function() end" 0
EVAL "return 1, 2" 0
EVAL "return {KEYS, ARGV}" 2 k1 k2 a1 a2 a3
EVAL "return #ARGV[1]" 0 "a\\x00b"
EVAL "return KEYS[1]" 1
EVAL "return KEYS[1]" -1 a
EVAL "return KEYS[1]" a a
EVAL "return 1"
EVAL "return redis.setresp(3)" 0
EVAL "redis.setresp(3) return true" 0
EVAL "redis.setresp(3) return false" 0
EVAL "redis.setresp(3) return redis.call('get','nothing')" 0
EVAL "redis.setresp(4)" 0
EVAL "redis.setresp()" 0
EVAL_RO "return redis.call('get', KEYS[1])" 1 k
EVAL_RO "return redis.call('set', KEYS[1], 1)" 1 k
`;

export const scriptErrors = `
EVAL "return redis.call('nothing')" 0
EVAL "return redis.pcall('nothing')" 0
EVAL "return redis.call('get')" 0
EVAL "return redis.call()" 0
EVAL "return redis.call({})" 0
EVAL "return redis.pcall(true)" 0
EVAL "return redis.call('eval', 'return 1', 0)" 0
EVAL "return redis.call('watch', 'a')" 0
EVAL "return redis.call('multi')" 0
EVAL "return redis.call('config', 'nothing')" 0
SET s text
EVAL "return redis.call('incr', 's')" 0
EVAL "return redis.pcall('incr', 's')" 0
EVAL "return redis.pcall('incr', 's').err" 0
EVAL "local ok, e = pcall(redis.call, 'incr', 's') return {tostring(ok), type(e), e}" 0
EVAL "local ok, e = pcall(error, {err='X y'}) return {tostring(ok), e}" 0
EVAL "local ok, e = pcall(error, {1}) return {tostring(ok), type(e)}" 0
EVAL "local ok, e = pcall(error) return {tostring(ok), type(e)}" 0
EVAL "return {pcall(function(...) return select('#', ...), ... end, 1, nil, 3)}" 0
EVAL "return {pcall(pcall, error, 'e')}" 0
EVAL "local function f(n) if n == 0 then error('deep') end return pcall(f, n - 1) end return {f(50)}" 0
EVAL "return pcall()" 0
EVAL "return {xpcall(function() error('x') end, function(e) return 'handled ' .. e end)}" 0
EVAL "error('plain')" 0
EVAL "error('unplaced', 0)" 0
EVAL "error({err='MINE custom'})" 0
EVAL "error({err='MINE custom', extra=1})" 0
EVAL "\\n\\nerror('third line')" 0
EVAL "local x = nil; return x.y" 0
EVAL "return 1 + {}" 0
EVAL "return ('x')()" 0
EVAL "return #nil" 0
EVAL "local function f() return f() + 1 end return f()" 0
EVAL "nonsense" 0
EVAL "return" "a"
EVAL "return string.rep('x', 3), string.nothing()" 0
EVAL "return string.rep()" 0
EVAL "return setmetatable({}, {__index=function(t, k) return k end}).name" 0
EVALSHA 0000000000000000000000000000000000000000 0
EVALSHA abc 0
EVALSHA_RO 0000000000000000000000000000000000000000 0
SCRIPT LOAD "return 'loaded'"
EVALSHA 0e7ae7fd1b6f4a92a13fc1ebd4a5d1b5a3e6ab5e 0
SCRIPT EXISTS 0000000000000000000000000000000000000000 a
SCRIPT LOAD "return ("
SCRIPT LOAD
SCRIPT FLUSH maybe
SCRIPT FLUSH SYNC ASYNC
SCRIPT FLUSH ASYNC
SCRIPT FLUSH
SCRIPT KILL
SCRIPT NOTHING
EVAL "#!lua\\nreturn 1" 0
EVAL "#!lua flags=no-writes\\nreturn redis.call('set', 'k', 1)" 0
EVAL "#!lua flags=no-writes,allow-stale\\nreturn redis.call('get', 'k')" 0
EVAL "#!lua flags=\\nreturn 1" 0
EVAL "#!lua flags=nothing\\nreturn 1" 0
EVAL "#!lua name=x\\nreturn 1" 0
EVAL "#!lua" 0
EVAL "#!python\\nreturn 1" 0
EVAL "#!lua\\n\\nerror('line 3')" 0
EVAL_RO "#!lua\\nreturn 1" 0
EVAL_RO "#!lua flags=no-writes\\nreturn 1" 0
MULTI
EVAL "return redis.call('set', KEYS[1], 'in multi')" 1 k
EVAL "return redis.call('incr', KEYS[1])" 1 k
EXEC
EVAL "redis.call('select', 3) return redis.call('set', 'three', 1)" 0
GET three
`;

export const conversions = `
SET k v
RPUSH l a b c
HSET h f v
SADD s a
ZADD z 1.5 m
EVAL "return redis.call('get', 'k')" 0
EVAL "return redis.call('get', 'nothing')" 0
EVAL "return type(redis.call('get', 'nothing'))" 0
EVAL "return redis.call('set', 'k', 'w').ok" 0
EVAL "return redis.call('lrange', 'l', 0, -1)" 0
EVAL "return redis.call('mget', 'k', 'nothing', 'k')" 0
EVAL "return redis.call('hgetall', 'h')" 0
EVAL "redis.setresp(3) return redis.call('hgetall', 'h')" 0
EVAL "redis.setresp(3) return redis.call('hgetall', 'h').map.f" 0
EVAL "redis.setresp(3) return redis.call('smembers', 's')" 0
EVAL "redis.setresp(3) return redis.call('zscore', 'z', 'm')" 0
EVAL "redis.setresp(3) return type(redis.call('zscore', 'z', 'm').double)" 0
EVAL "redis.setresp(3) return redis.call('debug', 'protocol', 'attrib')" 0
EVAL "redis.setresp(3) return redis.call('debug', 'protocol', 'bignum')" 0
EVAL "redis.setresp(3) return redis.call('debug', 'protocol', 'verbatim')" 0
EVAL "redis.setresp(3) return redis.call('debug', 'protocol', 'null')" 0
EVAL "redis.setresp(3) return redis.call('debug', 'protocol', 'true')" 0
EVAL "return redis.call('debug', 'protocol', 'double')" 0
EVAL "return redis.call('set', 'n', 3.5)" 0
GET n
EVAL "return redis.call('set', 'n', 1e300)" 0
GET n
EVAL "return redis.call('set', 'n', 12345678901234567)" 0
GET n
EVAL "return redis.call('set', 'n', -0)" 0
GET n
EVAL "return redis.call('set', 'n', 0.1)" 0
GET n
EVAL "return redis.call('blpop', 'nothing', 0)" 0
EVAL "return redis.sha1hex('')" 0
EVAL "return redis.sha1hex()" 0
EVAL "return redis.sha1hex('a', 'b')" 0
EVAL "return redis.log()" 0
EVAL "return redis.log('a', 'b')" 0
EVAL "return redis.log(10, 'b')" 0
EVAL "return redis.log(redis.LOG_NOTICE, 'b')" 0
EVAL "return {redis.LOG_DEBUG, redis.LOG_WARNING, redis.REPL_ALL, redis.REPL_NONE, redis.REPL_AOF, redis.REPL_SLAVE}" 0
EVAL "return {redis.REDIS_VERSION, redis.REDIS_VERSION_NUM}" 0
EVAL "return redis.set_repl(redis.REPL_ALL)" 0
EVAL "return redis.set_repl(12)" 0
EVAL "return redis.set_repl()" 0
EVAL "return redis.replicate_commands()" 0
EVAL "return redis.breakpoint()" 0
EVAL "return redis.acl_check_cmd('get', 'k')" 0
EVAL "return redis.acl_check_cmd('nothing')" 0
EVAL "math.randomseed(42) local r = {} for i = 1, 10 do r[i] = math.random(1, 6) end return r" 0
EVAL "math.randomseed(-1) return tostring(math.random())" 0
EVAL "return math.random(0)" 0
EVAL "return math.random(2, 1)" 0
EVAL "return math.random(1, 2, 3)" 0
`;

export const sandbox = `
EVAL "return x" 0
EVAL "x = 1" 0
EVAL "return _G.x" 0
EVAL "_G.x = 1" 0
EVAL "rawset(_G, 'x', 1)" 0
EVAL "return rawget(_G, 'x') == nil" 0
EVAL "setmetatable(_G, {})" 0
EVAL "getmetatable(_G).__index = 1" 0
EVAL "redis.call = 1" 0
EVAL "string.format = 1" 0
EVAL "rawset(string, 'format', 1)" 0
EVAL "table.x = 1" 0
EVAL "cjson.x = 1" 0
EVAL "return redis.nothing == nil" 0
EVAL "return type(print)" 0
EVAL "return type(os)" 0
EVAL "return type(io)" 0
EVAL "return type(require)" 0
EVAL "return type(debug)" 0
EVAL "return type(dofile)" 0
EVAL "return {type(loadstring), type(load), type(collectgarbage), type(coroutine), type(unpack)}" 0
EVAL "return _VERSION" 0
EVAL "return loadstring('return 1 + 1')()" 0
EVAL "return loadstring('return x')()" 0
EVAL "return {loadstring('return (')}" 0
EVAL "local n = 0 return load(function() n = n + 1 return ({'return ', '7'})[n] end)()" 0
EVAL "return type((loadstring(string.dump(function() return 1 end))))" 0
EVAL "local n = 0 for k in pairs(cjson) do n = n + 1 end return n > 5" 0
EVAL "local t = {} for k, v in pairs({a = 1}) do t[#t + 1] = k .. v end return t" 0
EVAL "for k in pairs(nil) do end" 0
EVAL "return ('x'):rep(3)" 0
EVAL "return type(getfenv)" 0
EVAL "return type(setfenv)" 0
EVAL "return coroutine.yield(1)" 0
EVAL "local co = coroutine.wrap(function(a) local b = coroutine.yield(a + 1) return b * 2 end) return {co(1), co(10)}" 0
EVAL "local co = coroutine.create(function() error('in co') end) return {coroutine.resume(co)}" 0
EVAL "local co = coroutine.wrap(function() return {pcall(error, 'x')} end) return co()" 0
EVAL "return {pcall(string.gsub, 'abc', '.', function(c) error('in callback') end)}" 0
EVAL "return string.gsub('abc', '.', function(c) return redis.call('echo', c .. '-') end)" 0
EVAL "local t = {3, 1, 2} table.sort(t, function(a, b) return a < b end) return t" 0
EVAL "return setmetatable({}, {__metatable = 'no'}) and 1" 0
EVAL "return getmetatable(setmetatable({}, {__metatable = 'no'}))" 0
EVAL "return setmetatable(setmetatable({}, {__metatable = 'no'}), {})" 0
EVAL "return setmetatable(1, {})" 0
EVAL "return setmetatable({}, 1)" 0
EVAL "return rawget({7}, 1)" 0
EVAL "return rawset({}, 1)" 0
EVAL "return tostring(nil) .. tostring(1.5) .. tostring(true)" 0
EVAL "return string.format('%5.2f|%d|%s|%q', 3.14159, 42, 'x', 'q')" 0
EVAL "return {math.floor(3.7), math.max(1, 5, 3), math.huge == 1 / 0}" 0
`;

export const scriptLibraries = `
EVAL "return cjson.encode({1, 2, 3})" 0
EVAL "return cjson.encode({})" 0
EVAL "return cjson.encode({a = 1})" 0
EVAL "return cjson.encode({[1] = 1, [3] = 3})" 0
EVAL "return cjson.encode({[1] = 1, [100] = 3})" 0
EVAL "return cjson.encode({1.5, 1e100, -0.1, 123456789012345, 2^53})" 0
EVAL "return cjson.encode('a\\\\\\"/\\x01\\x7f\\xff')" 0
EVAL "return cjson.encode({cjson.null, true, false})" 0
EVAL "return cjson.encode(0/0)" 0
EVAL "return cjson.encode(function() end)" 0
EVAL "return cjson.encode({[{}] = 1})" 0
EVAL "return cjson.encode()" 0
EVAL "local t = {} t[1] = t return cjson.encode(t)" 0
EVAL "return cjson.decode(ARGV[1])" 0 "[1, 2.5, \\"x\\", null, true, {\\"a\\": [] }]"
EVAL "return cjson.decode(ARGV[1]).a.b" 0 "{\\"a\\": {\\"b\\": \\"c\\"}}"
EVAL "return cjson.decode(ARGV[1])" 0 "\\"\\\\u00e9\\\\ud83d\\\\ude00\\\\n\\\\/\\""
EVAL "return tostring(cjson.decode('[1e3]')[1])" 0
EVAL "return tostring(cjson.decode('[0x10]')[1])" 0
EVAL "return tostring(cjson.decode('[-inf]')[1])" 0
EVAL "return cjson.decode('[1,]')" 0
EVAL "return cjson.decode('[1')" 0
EVAL "return cjson.decode('{1:2}')" 0
EVAL "return cjson.decode('{\\"a\\" 2}')" 0
EVAL "return cjson.decode('nul')" 0
EVAL "return cjson.decode('[1] x')" 0
EVAL "return cjson.decode('')" 0
EVAL "return cjson.decode('\\"abc')" 0
EVAL "return cjson.decode(ARGV[1])" 0 "\\"\\\\x\\""
EVAL "return cjson.decode(ARGV[1])" 0 "\\"\\\\ud800\\""
EVAL "return cjson.decode(ARGV[1])" 0 "a\\x00"
EVAL "return cjson.decode(string.rep('[', 1001))" 0
EVAL "return {cjson.encode_sparse_array(true), cjson.encode_max_depth(), cjson.decode_max_depth(5)}" 0
EVAL "return cjson.decode('[[[[[[1]]]]]]')" 0
EVAL "return {cjson.decode_max_depth(1000), cjson.encode_sparse_array(false)}" 0
EVAL "return cjson.encode_max_depth(0)" 0
EVAL "return cjson.encode_number_precision(99)" 0
EVAL "cjson.encode_number_precision(3) local s = cjson.encode(3.14159) cjson.encode_number_precision(14) return s" 0
EVAL "return cjson.encode_invalid_numbers('maybe')" 0
EVAL "cjson.encode_invalid_numbers('null') local s = cjson.encode({0/0}) cjson.encode_invalid_numbers(false) return s" 0
EVAL "return cjson.encode_keep_buffer('off')" 0
EVAL "return {cjson._NAME, cjson._VERSION, type(cjson.new())}" 0
EVAL "return cmsgpack.pack(1, 127, 128, 255, 256, 65536, 2^32, 2^53, -1, -32, -33, -129, -32769, -2^31 - 1)" 0
EVAL "return cmsgpack.pack(1.5, 0.1, 1e300, 'x', true, false, nil, {1, 2}, {a = 1}, {})" 0
EVAL "return cmsgpack.pack(string.rep('x', 31), string.rep('y', 32), string.rep('z', 256))" 0
EVAL "return #cmsgpack.pack(string.rep('x', 70000))" 0
EVAL "local t = {} for i = 1, 20 do t[i] = i end return {cmsgpack.unpack(cmsgpack.pack(t, {x = t}))}" 0
EVAL "local t = {} t[1] = t return cmsgpack.pack(t)" 0
EVAL "return {cmsgpack.unpack(cmsgpack.pack(1, -1, 300, -300, 70000, -70000, 2^40, -2^40, 'x'))}" 0
EVAL "return tostring(cmsgpack.unpack(cmsgpack.pack(0.1)))" 0
EVAL "return {cmsgpack.unpack_one(cmsgpack.pack(1, 2))}" 0
EVAL "return {cmsgpack.unpack_limit(cmsgpack.pack(1, 2, 3), 2)}" 0
EVAL "return {cmsgpack.unpack_limit(cmsgpack.pack(1, 2, 3), 2, 1)}" 0
EVAL "return cmsgpack.unpack_one('x', 5)" 0
EVAL "return cmsgpack.unpack_one('x', -1)" 0
EVAL "return cmsgpack.unpack('\\xc1')" 0
EVAL "return cmsgpack.unpack('\\xd9')" 0
EVAL "return cmsgpack.pack()" 0
EVAL "return cmsgpack.unpack({})" 0
EVAL "return {bit.tobit(2^32 + 5), bit.bnot(0), bit.band(12, 10), bit.bor(12, 10), bit.bxor(12, 10)}" 0
EVAL "return {bit.lshift(1, 31), bit.rshift(-1, 28), bit.arshift(-16, 2), bit.rol(1, 33), bit.ror(1, 1), bit.bswap(1)}" 0
EVAL "return {bit.tohex(-1), bit.tohex(255, 2), bit.tohex(255, -4), bit.tohex(1, 20)}" 0
EVAL "return bit.band('x')" 0
EVAL "return bit.band()" 0
EVAL "return struct.pack('<bBhHiIlLTfds', -1, 255, -2, 65535, -3, 7, -4, 8, 9, 1.5, 2.5, 'end')" 0
EVAL "return struct.pack('>i3I5xc3c0', -2, 258, 'abcd', 'rest')" 0
EVAL "return {struct.unpack('<bBhHi4I3', '\\xff\\xff\\xfe\\xff\\xff\\xff\\x01\\x02\\x03\\x04\\x05\\x06\\x07')}" 0
EVAL "return {struct.unpack('Bc0', '\\x03abcd')}" 0
EVAL "return {struct.unpack('s', 'abc\\x00def')}" 0
EVAL "return {struct.unpack('>d', struct.pack('>d', 0.5)), struct.size('!4bi4h')}" 0
EVAL "return struct.unpack('i4', 'ab')" 0
EVAL "return struct.unpack('s', 'abc')" 0
EVAL "return struct.unpack('c0', 'abc')" 0
EVAL "return struct.unpack('i4', 'abcd', 0)" 0
EVAL "return struct.pack('i33', 1)" 0
EVAL "return struct.pack('!3i4', 1)" 0
EVAL "return struct.pack('y', 1)" 0
EVAL "return struct.size('s')" 0
EVAL "return struct.size('c0')" 0
EVAL "return struct.pack('c5', 'abc')" 0
EVAL "return struct.pack('i4')" 0
`;

export const functions = `
FUNCTION FLUSH
FUNCTION LIST
FUNCTION STATS
FUNCTION LOAD "#!lua name=lib\\nredis.register_function('f', function(keys, args) return {keys, args} end)"
FUNCTION LOAD "#!lua name=lib\\nredis.register_function('g', function() return 1 end)"
FUNCTION LOAD REPLACE "#!lua name=lib\\nredis.register_function('f', function(keys, args) return {keys, args, redis.call('get', 'k')} end)"
FCALL f 1 k a b
FCALL F 0
FCALL f 2 k
FCALL f -1
FCALL f x
FCALL nothing x
FCALL_RO f 0
FUNCTION LOAD "#!lua name=ro\\nredis.register_function{function_name='r', callback=function() return redis.call('get', 'k') end, flags={'no-writes'}, description='reads'}"
FCALL_RO r 0
FUNCTION LOAD "#!lua name=other\\nredis.register_function('f', function() end)"
~ FUNCTION LIST
FUNCTION LIST LIBRARYNAME l* WITHCODE
FUNCTION LIST LIBRARYNAME
FUNCTION LIST nonsense
FUNCTION STATS
FUNCTION DELETE nothing
FUNCTION DELETE ro
FUNCTION DELETE
FCALL r 0
FUNCTION LOAD "redis.register_function('x', function() end)"
FUNCTION LOAD "#!lua"
FUNCTION LOAD "#!lua\\nreturn 1"
FUNCTION LOAD "#!lua name=a name=b\\nreturn 1"
FUNCTION LOAD "#!lua name=bad-name\\nreturn 1"
FUNCTION LOAD "#!lua name=x other=y\\nreturn 1"
FUNCTION LOAD "#!js name=x\\nreturn 1"
FUNCTION LOAD "#!lua name=x\\nreturn 1"
FUNCTION LOAD "#!lua name=x\\nreturn ("
FUNCTION LOAD "#!lua name=x\\nerror('while loading')"
FUNCTION LOAD "#!lua name=x\\nredis.call('get', 'k')"
FUNCTION LOAD "#!lua name=x\\nredis.register_function()"
FUNCTION LOAD "#!lua name=x\\nredis.register_function(1, 2)"
FUNCTION LOAD "#!lua name=x\\nredis.register_function('a')"
FUNCTION LOAD "#!lua name=x\\nredis.register_function('a-b', function() end)"
FUNCTION LOAD "#!lua name=x\\nredis.register_function('a', function() end) redis.register_function('a', function() end)"
FUNCTION LOAD "#!lua name=x\\nredis.register_function{function_name='a'}"
FUNCTION LOAD "#!lua name=x\\nredis.register_function{callback=function() end}"
FUNCTION LOAD "#!lua name=x\\nredis.register_function{function_name='a', callback=1}"
FUNCTION LOAD "#!lua name=x\\nredis.register_function{function_name='a', callback=function() end, flags={'nothing'}}"
FUNCTION LOAD "#!lua name=x\\nredis.register_function{function_name='a', callback=function() end, nothing=1}"
FUNCTION LOAD "#!lua name=x\\nlocal m = math"
FUNCTION LOAD "#!lua name=x\\nx = 1"
FUNCTION LOAD nonsense code
FUNCTION LOAD REPLACE
FUNCTION LOAD "#!lua name=y\\nredis.register_function('e', function() error('inside') end)"
FCALL e 0
FUNCTION LOAD REPLACE "#!lua name=y\\nredis.register_function('e', function() return x end)"
FCALL e 0
FUNCTION LOAD REPLACE "#!lua name=y\\nredis.register_function('e', function() return redis.register_function('z', function() end) end)"
FCALL e 0
SADD letters c b aa a
EVAL "return redis.call('SORT', KEYS[1], 'BY', 'nothing')" 1 letters
FUNCTION DELETE lib
FUNCTION DUMP
FUNCTION RESTORE nonsense
FUNCTION RESTORE nonsense maybe
FUNCTION RESTORE "\\xf5\\x14#!lua name=z\\nredis.reg"
FUNCTION FLUSH maybe
FUNCTION FLUSH ASYNC
FUNCTION LIST
FUNCTION KILL
FUNCTION NOTHING
FUNCTION DUMP
`;
