// Parsing of JSON from outside, where a syntax error is the sender's mistake, and so is a number that would be rounded.

import { findInexactNumber, type InexactNumber } from './inexact-number.ts'

/** Throws the error that `fault` returns if the string is not JSON. */
export function parseJson(json: string, fault: (error: SyntaxError) => Error): unknown {
  try {
    return JSON.parse(json)
  } catch (error) {
    if (error instanceof SyntaxError) throw fault(error)
    throw error
  }
}

/** For values that are kept or compared: throws the error that `inexact` returns for a number that would be rounded. */
export function parseExactJson(
  json: string,
  faults: { readonly syntax: (error: SyntaxError) => Error; readonly inexact: (number: InexactNumber) => Error },
): unknown {
  const value = parseJson(json, faults.syntax)
  const number = findInexactNumber(json)
  if (number !== undefined) throw faults.inexact(number)
  return value
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
