// Values that are still pending and can be given to other calls: which call each comes from, and which part of its result.

import type { Link } from './planned-call.ts'

export type LinkSource = Pick<Link, 'to' | 'path'>

const linkSources = new WeakMap<object, () => LinkSource>()

/** From now on `linkTo(value)` gives the source. */
export function registerLink(value: object, source: () => LinkSource): void {
  linkSources.set(value, source)
}

/** Undefined for any other value. Throws if the pending value cannot be given to another call. */
export function linkTo(value: unknown): LinkSource | undefined {
  return typeof value === 'object' && value !== null ? linkSources.get(value)?.() : undefined
}
