// The keys of the secret store, parsed once for each environment. Wrong ones are reported where they are needed, and by
// `/health`, so that a mistake stops no reads.

import { ObjectError } from 'digital-objects'
import { parseSecretKeys, type SecretKeys } from 'objects.do'
import type { Env } from './env.ts'

const known = new WeakMap<Env, SecretKeys | undefined>()

export function secretKeysOf(env: Env): SecretKeys | undefined {
  if (known.has(env)) return known.get(env)
  const keys = parseOrReport(env.SECRETS_KEYS)
  known.set(env, keys)
  return keys
}

function parseOrReport(text: string | undefined): SecretKeys | undefined {
  try {
    return parseSecretKeys(text)
  } catch (error) {
    if (!(error instanceof ObjectError)) throw error
    console.error(error.message)
    return undefined
  }
}
