// Refuses an event pattern that no event of a tenant can match, since no entity type has its name.

import { nearestName } from '../base/nearest-name.ts'
import { ObjectError } from '../base/object-error.ts'
import type { EventPattern } from '../event/event-pattern.ts'
import { systemNounNames } from './system-nouns.ts'

/**
 * Throws an ObjectError `invalid_parameter`. `nouns` are those of the tenant. A reader of the past does not call it, since a
 * type may have been removed.
 */
export function requireKnownTypes({ anyOf }: EventPattern, nouns: readonly string[]): void {
  const names = [...nouns, ...systemNounNames]
  const known = new Set(names.map((name) => name.toLowerCase()))
  for (const one of anyOf) {
    if (one.kind === 'target' || one.noun === null || known.has(one.noun)) continue
    const nearest = nearestName(one.noun, names)
    const hint = nearest === undefined ? '' : `; did you mean '${nearest}'?`
    throw new ObjectError({
      code: 'invalid_parameter',
      field: 'type',
      message: `type expects an entity type of the tenant, got '${one.noun.slice(0, 64)}'${hint}`,
    })
  }
}
