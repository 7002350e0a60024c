/** HyperLogLogs. See compare.ts for the notation. */

const many = Array.from(
  { length: 40 },
  (_, n) => `PFADD big ${Array.from({ length: 50 }, (_, k) => `e${n * 50 + k}`).join(' ')}`,
);

export const hyperloglogs = `
PFADD h
GET h
PFADD h
PFADD h a
PFADD h a
PFADD h a b c "" "a longer element of many bytes" 12345678
GET h
PFCOUNT h
GET h
PFCOUNT h
PFCOUNT nothing
PFCOUNT nothing h nothing
PFDEBUG ENCODING h
PFDEBUG DECODE h
PFDEBUG NONSENSE h
PFDEBUG ENCODING nothing
PFDEBUG ENCODING
PFDEBUG ENCODING h x
OBJECT ENCODING h
TTL h
EXPIRE h 100
PFADD h z
TTL h
PFADD g a x y
PFCOUNT g h
PFMERGE m g h
GET m
PFCOUNT m
PFMERGE m
PFMERGE fresh
GET fresh
PFMERGE other nothing
PFDEBUG TODENSE g
PFDEBUG TODENSE g
PFDEBUG DECODE g
PFDEBUG GETREG g
GET g
PFADD g q
PFCOUNT g h
PFMERGE m g
PFDEBUG ENCODING m
PFDEBUG GETREG h
PFDEBUG ENCODING h
${many.join('\n')}
PFCOUNT big
PFDEBUG ENCODING big
GET big
DUMP big
SET s foo
PFADD s x
PFCOUNT s
PFMERGE s h
PFMERGE m s
PFCOUNT h s
PFDEBUG ENCODING s
SET s HYLL
PFADD s x
SET n 12
PFADD n x
LPUSH l 1
PFADD l x
PFCOUNT l
PFMERGE l h
PFMERGE m l
SET c "HYLL\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x80\\x00"
PFCOUNT c
PFADD c x
PFMERGE m c
PFDEBUG GETREG c
PFDEBUG TODENSE c
SET c "HYLL\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x80\\x00"
PFCOUNT c
SET c "HYLL\\x02\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x80\\x00"
PFCOUNT c
`;
