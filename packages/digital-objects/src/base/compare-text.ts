// Strings in the order of their code points, which is that of their UTF-8 bytes. JavaScript's own order is that of
// UTF-16 units, where characters beyond U+FFFF come before some that they should follow.

/** Negative, zero or positive. Strings are well-formed. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let at = 0; at < length; at++) {
    const [left, right] = [a.charCodeAt(at), b.charCodeAt(at)]
    if (left !== right) return rank(left) - rank(right)
  }
  return a.length - b.length
}

/** Surrogates stand for what comes after all single units. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}
