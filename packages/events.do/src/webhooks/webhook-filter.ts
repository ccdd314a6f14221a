// The filter of a webhook: conditions on the own fields of one entity type, in the language of all filters.

import { type Entity, type Filter, matches, type NounSchema, ObjectError, parseFilter } from 'digital-objects'
import type { JsonValue, NounLookup } from 'digital-objects'

/** Throws an ObjectError that names the field. */
export function parseWebhookFilter(input: JsonValue, schema: NounSchema, lookup: NounLookup): Filter {
  const filter = parseFilter(input, { schema, lookup })
  refuseFar(filter)
  return filter
}

export function passesFilter(filter: Filter, entity: Entity, { searchable }: NounSchema): boolean {
  return matches(filter, entity, { searchable, related: () => [], regex: noPatterns })
}

function refuseFar(filter: Filter): void {
  if (filter.kind === 'and' || filter.kind === 'or') return filter.of.forEach(refuseFar)
  if (filter.kind === 'not') return refuseFar(filter.of)
  const paths = 'path' in filter ? [filter.path, ...('other' in filter ? [filter.other] : [])] : []
  const isFar = paths.some(({ steps }) => steps.length > 0)
  if (!isFar && filter.kind !== 'regex') return
  const what = isFar ? "a related entity's field" : '$regex'
  const message = `the filter of a webhook compares the entity's own fields, and cannot use ${what}`
  throw new ObjectError({ code: 'validation_error', message, faults: [{ field: 'filter', message }] })
}

function noPatterns(): never {
  throw new Error('the filter of a webhook has no patterns')
}
