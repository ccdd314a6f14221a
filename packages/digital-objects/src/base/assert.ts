// Assertions: invariants that are checked where data passes from one step to the next.

/** Throws if the claim does not hold. A failure is a bug of this code, never a mistake of the caller. */
export function assert(condition: boolean, claim: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${claim}`)
}
