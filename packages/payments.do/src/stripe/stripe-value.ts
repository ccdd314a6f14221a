// Values inside of an object of Stripe, by their paths.

import { isPlainObject, type JsonValue } from 'digital-objects'
import type { StripeObject } from './stripe-api.ts'

/** Returns the value at the first of several paths that has one: `at(invoice, 'parent.subscription_details.subscription', 'subscription')`. */
export function at(object: StripeObject, ...paths: readonly string[]): JsonValue | undefined {
  for (const path of paths) {
    let value: JsonValue | undefined = object
    for (const name of path.split('.')) value = memberOf(value, name)
    if (value !== undefined && value !== null) return value
  }
  return undefined
}

function memberOf(value: JsonValue | undefined, name: string): JsonValue | undefined {
  if (Array.isArray(value)) return (value as readonly JsonValue[])[Number(name)]
  return isPlainObject(value) && Object.hasOwn(value, name) ? (value as StripeObject)[name] : undefined
}

export function textAt(object: StripeObject, ...paths: readonly string[]): string | undefined {
  const value = at(object, ...paths)
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Returns the id of an object that is named, or there as a whole. */
export function idAt(object: StripeObject, ...paths: readonly string[]): string | undefined {
  const value = at(object, ...paths)
  return isPlainObject(value) ? textAt(value, 'id') : typeof value === 'string' ? value : undefined
}

export function numberAt(object: StripeObject, ...paths: readonly string[]): number | undefined {
  const value = at(object, ...paths)
  return typeof value === 'number' ? value : undefined
}

/** Returns a time, which Stripe counts in seconds. */
export function timeAt(object: StripeObject, ...paths: readonly string[]): string | undefined {
  const seconds = numberAt(object, ...paths)
  return seconds === undefined ? undefined : new Date(seconds * 1_000).toISOString()
}

export function listAt(object: StripeObject, ...paths: readonly string[]): readonly StripeObject[] {
  const value = at(object, ...paths)
  return Array.isArray(value) ? value.filter((item): item is StripeObject => isPlainObject(item)) : []
}
