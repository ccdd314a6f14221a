// Compares strings by code point, which gives the same order as their UTF-8 bytes. JavaScript compares UTF-16 code units
// instead, which puts characters beyond U+FFFF before U+E000 to U+FFFF.

/** Returns a negative number, zero or a positive number. Both strings must be well-formed. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let at = 0; at < length; at++) {
    const [left, right] = [a.charCodeAt(at), b.charCodeAt(at)]
    if (left !== right) return rank(left) - rank(right)
  }
  return a.length - b.length
}

/** Ranks surrogates after all other units, because they encode the highest code points. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}
