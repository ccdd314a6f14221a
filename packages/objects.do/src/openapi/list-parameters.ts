// The query parameters that depend on the Noun: `sort`, `include` and `fields` name its fields, and a bare field filters.

import {
  isListStorage,
  metaFieldNames,
  metaStorage,
  type NounLookup,
  type NounSchema,
  type ReferenceField,
  type ReverseField,
  storageClassOf,
} from 'digital-objects'

import type { Json } from './components.ts'
import { parameterSchema } from './field-schema.ts'
import type { ParametersAbout } from './parameter.ts'

const namesMax = 32
const sortTermsMax = 4

/** The fields by which a list can be sorted. */
export function sortSchema({ fields }: NounSchema): Json {
  const sortable = Object.values(fields).filter((field) => {
    if (field.kind === 'reverse') return false
    const storage = storageClassOf(field)
    return storage !== 'json' && !isListStorage(storage)
  })
  const names = [...Object.keys(metaStorage).filter((name) => name !== '$type'), ...sortable.map(({ name }) => name)]
  return namesSchema(names, { prefix: '-?', max: sortTermsMax })
}

/** Undefined for a Noun without relations. */
export function includeSchema(noun: NounSchema, lookup: NounLookup): Json | undefined {
  const relations = relationsOf(noun)
  if (relations.length === 0) return undefined
  const firsts = Map.groupBy(relations, (relation) => alternatives(nextRelations(relation, lookup)))
  // A third relation has any name: all paths of three would be half of the document.
  const paths = [...firsts].map(([next, group]) => {
    const first = alternatives(group.map(({ name }) => name))
    return next === '' ? first : `${first}([.]${next}([.][a-z][A-Za-z0-9]*)?)?`
  })
  const path = alternatives(paths)
  return { type: 'string', pattern: `^${path}(,${path}){0,${namesMax - 1}}$` }
}

type Relation = ReferenceField | ReverseField

function relationsOf({ fields }: NounSchema): readonly Relation[] {
  return Object.values(fields).filter(
    (field): field is Relation => field.kind === 'reference' || field.kind === 'reverse',
  )
}

/** A reference to several Nouns leads on by the relations of each. */
function nextRelations(relation: Relation, lookup: NounLookup): readonly string[] {
  const targets = relation.kind === 'reference' ? relation.to : [relation.from]
  const names = targets.flatMap((target) => {
    const noun = lookup(target)
    return noun === undefined ? [] : relationsOf(noun).map(({ name }) => name)
  })
  return [...new Set(names)].toSorted()
}

/** An expression for any of these names or expressions; empty if there are none. */
export function alternatives(names: readonly string[]): string {
  const [only = '', ...others] = names.map((name) => name.replaceAll('$', '[$]'))
  return others.length === 0 ? only : `(${[only, ...others].join('|')})`
}

export function fieldsSchema({ fields }: NounSchema): Json {
  const stored = Object.values(fields).filter(({ kind }) => kind !== 'reverse')
  return namesSchema([...metaFieldNames, ...stored.map(({ name }) => name)], { prefix: '', max: namesMax })
}

/** A parameter for each field that a bare name filters. `taken` are the names of other parameters, which win. */
export function fieldParameters(noun: NounSchema, taken: readonly string[]): ParametersAbout {
  const entries = Object.values(noun.fields).flatMap((field) => {
    const schema = field.kind === 'reverse' || taken.includes(field.name) ? undefined : parameterSchema(field)
    if (schema === undefined) return []
    const about = `List only entities with this value of \`${field.name}\`; an empty value lists those without one.`
    return [[field.name, { component: `${noun.name}.where.${field.name}`, about, schema, mayBeEmpty: true }] as const]
  })
  return Object.fromEntries(entries)
}

function namesSchema(
  names: readonly string[],
  { prefix, max }: { readonly prefix: string; readonly max: number },
): Json {
  const one = `${prefix}${alternatives(names)}`
  return { type: 'string', pattern: `^${one}(,${one}){0,${max - 1}}$` }
}
