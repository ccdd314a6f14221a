// Parsing of JSON from outside, where a syntax error is the sender's mistake.

/** Throws the error that `fault` returns if the string is not JSON. */
export function parseJson(json: string, fault: (error: SyntaxError) => Error): unknown {
  try {
    return JSON.parse(json)
  } catch (error) {
    if (error instanceof SyntaxError) throw fault(error)
    throw error
  }
}

/** Returns undefined if the string is not JSON. No JSON parses to undefined. */
export function tryParseJson(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
