// The default case of a switch over a union.

/** Does not compile while a case is missing, and throws if an unchecked value arrives at run time. */
export function unreachable(value: never): never {
  throw new Error(`unexpected value: ${JSON.stringify(value)}`)
}
