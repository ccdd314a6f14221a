// The engine of `$regex`: RE2, whose time is linear in the string's length, so no pattern can block a tenant.

import { ObjectError } from 'digital-objects'
import { RE2JS, RE2JSException } from 're2js'

export interface RegexEngine {
  readonly test: (text: string) => boolean
}

const cachedMax = 64
/** A cache of compiled patterns, the newest last. */
const cache = new Map<string, RegexEngine>()

/** Throws an ObjectError `invalid_filter` if the pattern is not in RE2's syntax. */
export function compileRegex(pattern: string, ignoreCase: boolean): RegexEngine {
  const key = `${ignoreCase ? 'i' : '-'}${pattern}`
  const known = cache.get(key)
  if (known !== undefined) return known
  const compiled = compile(pattern, ignoreCase)
  if (cache.size >= cachedMax) for (const oldest of [...cache.keys()].slice(0, 1)) cache.delete(oldest)
  cache.set(key, compiled)
  return compiled
}

function compile(pattern: string, ignoreCase: boolean): RegexEngine {
  try {
    const compiled = RE2JS.compile(pattern, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0)
    return { test: (text) => compiled.matcher(text).find() }
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error
    throw new ObjectError({
      code: 'invalid_filter',
      field: '$regex',
      message: `$regex expects RE2 syntax (no look-around, no back-references): ${error.message.slice(0, 200)}`,
    })
  }
}
