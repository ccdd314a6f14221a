// The key by which a listener came, and what it proved then. A listener whose key proves something else now is ended.

import { type Authority, fingerprintOf } from 'digital-objects'

export interface Proof {
  readonly key: string
  /** The fingerprint of the authority with which the listener was accepted. */
  readonly fingerprint: string
}

/** The proof of a listener; undefined without a key. */
export function proofOf(authority: Authority): Proof | undefined {
  const { through } = authority
  return through === undefined ? undefined : { key: through.id, fingerprint: fingerprintOf(authority) }
}

/** The close of a socket whose listener has to come again, or never; undefined for one that may stay. */
export function endOf(
  { key, fingerprint }: Proof,
  authorityOf: (key: string) => Authority | undefined,
): { readonly code: number; readonly reason: string } | undefined {
  const authority = authorityOf(key)
  if (authority === undefined) return { code: 4001, reason: 'the key is not valid any more' }
  if (fingerprintOf(authority) === fingerprint) return undefined
  return { code: 1012, reason: 'what the key may see has changed: resume after the last seq' }
}
