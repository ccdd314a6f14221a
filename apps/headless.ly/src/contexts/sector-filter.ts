// The filter by which a sector's lists are limited to its organizations, and to records that lead to one of them.

import { type JsonValue, type KnownName, nouns, type NounSchema, serviceNouns } from 'digital-objects'
import type { Sector } from './context.ts'

type Filter = Readonly<Record<string, JsonValue>>

const known = { ...nouns, ...serviceNouns }
/** A path of a filter has three parts at most: two references and a field. */
const referencesMax = 2

/** Returns undefined for an entity type that leads to no organization, whose lists are not limited. */
export function sectorFilter(noun: string, sectors: readonly Sector[]): Filter | undefined {
  const prefixes = pathsOf(noun)
  if (prefixes.length === 0 || sectors.length === 0) return undefined
  const each = sectors.map((sector): Filter => ({ $or: prefixes.flatMap((prefix) => [...conditions(prefix, sector)]) }))
  return each.length === 1 ? (each[0] ?? {}) : { $and: each }
}

function* conditions(prefix: string, { codes: [from, before], industries }: Sector): Iterable<Filter> {
  yield { [`${prefix}naicsCode`]: { $gte: from, $lt: before } }
  yield { [`${prefix}naicsCode`]: { $exists: false }, [`${prefix}industry`]: { $in: industries } }
}

/** A pure cache: the paths depend only on the built-in Nouns. */
const paths = new Map<string, readonly string[]>()

/** The shortest ways to an organization, through references to one Noun: `['']`, `['organization.']`, `['contact.organization.']`. */
function pathsOf(noun: string): readonly string[] {
  const known = paths.get(noun)
  if (known !== undefined) return known
  const found = findPaths(noun)
  paths.set(noun, found)
  return found
}

function findPaths(noun: string): readonly string[] {
  let level = [{ noun, path: '' }]
  for (let hops = 0; hops <= referencesMax; hops++) {
    const arrived = level.filter((one) => one.noun === 'Organization')
    if (arrived.length > 0) return arrived.map(({ path }) => path)
    level = level.flatMap((one) => {
      const schema = schemaOf(one.noun)
      return schema === undefined
        ? []
        : referencesOf(schema).map(({ name, to }) => ({ noun: to, path: `${one.path}${name}.` }))
    })
  }
  return []
}

function referencesOf(schema: NounSchema): readonly { readonly name: string; readonly to: string }[] {
  return Object.values(schema.fields).flatMap((field) => {
    const [to, ...others] = field.kind === 'reference' && !field.many ? field.to : []
    return to === undefined || others.length > 0 ? [] : [{ name: field.name, to }]
  })
}

function schemaOf(noun: string): NounSchema | undefined {
  return Object.hasOwn(known, noun) ? known[noun as KnownName].$schema : undefined
}
