// What must be true where data crosses a step. A failure is our fault, never the caller's.

export function assert(condition: boolean, claim: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${claim}`)
}
