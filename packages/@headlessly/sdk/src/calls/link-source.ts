// Pending values that can be passed to other calls: the call that each comes from, and the part of its result.

import type { Link } from './planned-call.ts'

export type LinkSource = Pick<Link, 'to' | 'path'>

const linkSources = new WeakMap<object, () => LinkSource>()

/** `linkTo(value)` returns the source from now on. */
export function registerLink(value: object, source: () => LinkSource): void {
  linkSources.set(value, source)
}

/** Undefined for any other value. Throws if the pending value cannot be passed to another call. */
export function linkTo(value: unknown): LinkSource | undefined {
  return typeof value === 'object' && value !== null ? linkSources.get(value)?.() : undefined
}
