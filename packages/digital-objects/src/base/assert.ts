// Claims that must hold where data crosses a step.

/** Throws if the claim does not hold. A failure is a bug of this code, never a mistake of the caller. */
export function assert(condition: boolean, claim: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${claim}`)
}
