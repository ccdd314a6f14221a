// A dotted path of a filter: `stage`, `organization.industry`, `metadata.plan.seats`, `deals.value`.

import { shorten } from '../base/shorten.ts'
import type { FilterPath } from './filter.ts'
import { nearestName } from '../base/nearest-name.ts'
import { invalidFilter } from './invalid-filter.ts'
import type { NounLookup, NounSchema } from '../noun/schema.ts'
import { isListStorage, metaStorage, storageClassOf } from './storage-class.ts'

const segmentsMax = 3
const keyPattern = /^[A-Za-z0-9_$-]{1,64}$/

/** The definitions by which filters and sorts are parsed. */
export interface FilterContext {
  readonly schema: NounSchema
  readonly lookup: NounLookup
  /** The caller's id in the filter of an authority. It may be compared with any strings, and then matches nothing. */
  readonly principal?: string
}

/** Returns one path, or one for each Noun that a reference on the way may point to; never an empty list. */
export function parsePath(text: string, context: FilterContext, partsMax = segmentsMax): readonly FilterPath[] {
  const segments = text.split('.')
  if (segments.length > partsMax)
    throw invalidFilter(text, `a path has at most ${partsMax} parts, '${shorten(text)}' has ${segments.length}`)
  return resolve({ text, segments, schema: context.schema, steps: [] }, context.lookup)
}

interface Walk {
  readonly text: string
  readonly segments: readonly string[]
  readonly schema: NounSchema
  readonly steps: FilterPath['steps']
}

function resolve(walk: Walk, lookup: NounLookup): readonly FilterPath[] {
  const { text, segments, schema, steps } = walk
  const [name = '', ...rest] = segments
  if (name.startsWith('$')) return [metaPath(walk, name)]
  const field = Object.hasOwn(schema.fields, name) ? schema.fields[name] : undefined
  if (field === undefined) {
    const own = `$${name}`
    const nearest = Object.hasOwn(metaStorage, own) ? own : nearestName(name, Object.keys(schema.fields))
    throw invalidFilter(
      text,
      `${schema.name} has no field '${shorten(name)}'${nearest === undefined ? '' : `; did you mean '${nearest}'?`}`,
    )
  }
  if (field.kind === 'reverse') {
    const to = lookup(field.from)
    if (to === undefined) throw invalidFilter(text, `unknown Noun '${field.from}'`)
    return resolve(
      { text, segments: rest.length === 0 ? ['$id'] : rest, schema: to, steps: [...steps, { field, to: to.name }] },
      lookup,
    )
  }
  if (field.kind === 'reference' && rest.length > 0) {
    const targets = field.to.map((target) => lookup(target)).filter((target) => target !== undefined)
    // If the reference may point to several Nouns, follow it only to those that have the field.
    const having = targets.filter(
      (target) => rest[0]?.startsWith('$') === true || Object.hasOwn(target.fields, rest[0] ?? ''),
    )
    const used = having.length > 0 ? having : targets.slice(0, 1)
    if (field.any === true && used.length === 0)
      throw invalidFilter(text, `${schema.name}.${name} refers to no known Noun`)
    return used.flatMap((target) =>
      resolve({ text, segments: rest, schema: target, steps: [...steps, { field, to: target.name }] }, lookup),
    )
  }
  const storage = storageClassOf(field)
  if (rest.length > 0 && storage !== 'json')
    throw invalidFilter(
      text,
      `${schema.name}.${name} is a ${isListStorage(storage) ? 'list' : storage === 'real' ? 'number' : 'value'} and has no parts`,
    )
  const wrongKey = rest.find((key) => !keyPattern.test(key))
  if (wrongKey !== undefined)
    throw invalidFilter(text, `a key inside json expects letters, digits, _ and -, got '${shorten(wrongKey)}'`)
  return [{ steps, field: name, storage, keys: rest }]
}

function metaPath(walk: Walk, name: string): FilterPath {
  const { text, segments, steps } = walk
  const known = Object.keys(metaStorage).filter((meta) => meta !== '$type')
  if (segments.length > 1 || !known.includes(name)) {
    const hint =
      name === '$context' || name === '$type'
        ? 'it is the same for all entities of a list'
        : `expected ${known.join(', ')}`
    throw invalidFilter(text, `cannot filter or sort by '${shorten(text)}'; ${hint}`)
  }
  return { steps, field: name, storage: metaStorage[name as keyof typeof metaStorage], keys: [] }
}
