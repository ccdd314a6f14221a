// A live query: the entities of one Noun that match a filter, as its subscribers name it, and compiled for one authority.
// Filters and row rules decide by the entity's own fields, so that only events of the entity itself can change its match.

import {
  type Authority,
  type Catalog,
  compileAuthority,
  type Entity,
  type Filter,
  fullVisibility,
  matchAll,
  matches,
  nearestName,
  type NounSchema,
  ObjectError,
  parseFilterText,
  type Visibility,
} from 'digital-objects'
import { compileRegex } from '../state/regex-engine.ts'

export interface LiveQuery {
  readonly noun: string
  /** JSON; empty to match every entity. */
  readonly filter: string
}

export interface CompiledQuery {
  readonly visibility: Visibility
  /** Equal for filters that match the same entities, whoever asks. */
  readonly key: string
  /** Whether the filter alone matches. */
  readonly matches: (entity: Entity) => boolean
  /** Whether the caller may see the entity. */
  readonly isVisible: (entity: Entity) => boolean
}

/** Keeps a socket's attachment below 16 KB, together with the largest authority. */
const filterCharactersMax = 1_024

/** `authority` is absent for a caller that sees everything. Throws an ObjectError that names the parameter. */
export function compileLiveQuery(
  { noun: name, filter: text }: LiveQuery,
  { authority, catalog }: { readonly authority: Authority | undefined; readonly catalog: Catalog },
): CompiledQuery {
  const { lookup, nouns } = catalog
  const visibility = authority === undefined ? fullVisibility(lookup) : compileAuthority(authority, lookup).visibility
  const schema = visibility.lookup(name)
  if (schema === undefined) throw unknownNoun(name, nouns, visibility)
  if (text.length > filterCharactersMax) {
    const message = `a live query's filter has at most ${filterCharactersMax} characters, got ${text.length}`
    throw new ObjectError({ code: 'invalid_filter', field: 'filter', message })
  }
  const filter = text === '' ? matchAll : parseFilterText(text, { schema, lookup: visibility.lookup })
  checkPatterns(filter)
  const far = farPath(filter)
  if (far !== undefined) {
    const message = `a live query filters by the ${name}'s own fields, and '${far}' belongs to a related entity: use a field of ${name}, or live events`
    throw new ObjectError({ code: 'invalid_filter', field: far, message })
  }
  const rule = visibility.rows(name)
  if (rule !== undefined && farPath(rule) !== undefined) {
    const message = `your rights to ${name} depend on related entities, which a live query cannot follow: use live events`
    throw new ObjectError({ code: 'forbidden', field: 'type', message })
  }
  // A search for words leaves out hidden fields.
  const key = visibility.hidesFields(name) ? `${visibility.fingerprint} ${text}` : text
  return { visibility, key, matches: predicate(filter, schema), isVisible: predicate(rule ?? matchAll, schema) }
}

function predicate(filter: Filter, { searchable }: NounSchema): (entity: Entity) => boolean {
  const context = { searchable, regex: compileRegex, related: () => [] }
  return (entity) => matches(filter, entity, context)
}

/** Refuses a pattern now that would fail with the first commit. */
function checkPatterns(filter: Filter): void {
  if (filter.kind === 'and' || filter.kind === 'or') filter.of.forEach(checkPatterns)
  else if (filter.kind === 'not') checkPatterns(filter.of)
  else if (filter.kind === 'regex') compileRegex(filter.pattern, filter.ignoreCase)
}

/** Returns a path of the filter that leads to another entity. */
function farPath(filter: Filter): string | undefined {
  if (filter.kind === 'and' || filter.kind === 'or') return filter.of.map(farPath).find((path) => path !== undefined)
  if (filter.kind === 'not') return farPath(filter.of)
  if (filter.kind === 'text') return undefined
  const paths = filter.kind === 'compareFields' ? [filter.path, filter.other] : [filter.path]
  const far = paths.find(({ steps }) => steps.length > 0)
  return far === undefined ? undefined : [...far.steps.map(({ field }) => field.name), far.field].join('.')
}

function unknownNoun(name: string, nouns: readonly NounSchema[], visibility: Visibility): ObjectError {
  const known = nouns.map((schema) => schema.name).filter((known) => visibility.lookup(known) !== undefined)
  const nearest = nearestName(name, known)
  const hint = nearest === undefined ? '' : `; did you mean '${nearest}'?`
  return new ObjectError({
    code: 'not_found',
    field: 'type',
    message: `unknown entity type '${name.slice(0, 64)}'${hint}`,
  })
}
