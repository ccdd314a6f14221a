// The query parameters that depend on the Noun: `sort`, `include` and `fields` name its fields, and a bare field filters.

import { isListStorage, metaFieldNames, metaStorage, type NounSchema, storageClassOf } from 'digital-objects'
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
export function includeSchema({ fields }: NounSchema): Json | undefined {
  const relations = Object.values(fields).filter(({ kind }) => kind === 'reference' || kind === 'reverse')
  if (relations.length === 0) return undefined
  // A path leads on through relations of other Nouns, of which there are too many to list.
  const path = `(${relations.map(({ name }) => name).join('|')})([.][a-z][A-Za-z0-9]*){0,2}`
  return { type: 'string', pattern: `^${path}(,${path}){0,${namesMax - 1}}$` }
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
  const one = `${prefix}(${names.map((name) => name.replaceAll('$', '[$]')).join('|')})`
  return { type: 'string', pattern: `^${one}(,${one}){0,${max - 1}}$` }
}
