// JSON from outside, whose faults are the sender's.

/** Parses JSON. Throws the error that `fault` makes if the string is not JSON. */
export function parseJson(json: string, fault: (error: SyntaxError) => Error): unknown {
  try {
    return JSON.parse(json)
  } catch (error) {
    if (error instanceof SyntaxError) throw fault(error)
    throw error
  }
}

/** Parses JSON. Returns undefined, which no JSON means, if the string is not JSON. */
export function tryParseJson(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
