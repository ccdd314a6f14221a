// References in the data of a line: ids of this server stay as they are, and any other text is the name that an earlier line
// gave to its entity.

import {
  isEntityIdOf,
  type JsonValue,
  mergeArgument,
  type NounSchema,
  ObjectError,
  parseId,
  type Verb,
} from 'digital-objects'
import type { Body } from '../writes/parse-body.ts'

export interface LineNames {
  /** Returns the id that an entity of an earlier line has here. */
  readonly find: (noun: string, external: string) => string | undefined
  readonly lookup: (noun: string) => NounSchema | undefined
}

/** Whether the text is an id of this server, which is kept. */
export function isOwnId(schema: NounSchema, text: string): boolean {
  return parseId(text)?.prefix === schema.idPrefix
}

/** Returns the data with ids in place of names. Throws an ObjectError that names the field. */
export function referToLines(
  { schema, verb, data }: { readonly schema: NounSchema; readonly verb: Verb; readonly data: Body },
  names: LineNames,
): Body {
  const { argumentAliases = {} } = verb.effect
  const merged = mergeArgument(verb)
  let referred: Record<string, JsonValue> | undefined
  for (const [name, value] of Object.entries(data)) {
    const field = schema.fields[Object.hasOwn(argumentAliases, name) ? (argumentAliases[name] ?? name) : name]
    const to = name === merged ? [schema.name] : field?.kind === 'reference' ? field.to : undefined
    if (to === undefined) continue
    const replaced = replace(value, (text) => idOf(text, { field: `data.${name}`, to }, names))
    if (replaced === value) continue
    referred ??= { ...data }
    referred[name] = replaced
  }
  return referred ?? data
}

function replace(value: JsonValue, toId: (text: string) => string): JsonValue {
  if (typeof value === 'string') return toId(value)
  // A wrong type is refused with the other values.
  return Array.isArray(value) ? value.map((item: JsonValue) => (typeof item === 'string' ? toId(item) : item)) : value
}

function idOf(text: string, of: { readonly field: string; readonly to: readonly string[] }, names: LineNames): string {
  const schemas = of.to.flatMap((name) => names.lookup(name) ?? [])
  if (schemas.some((schema) => isEntityIdOf(schema, text) && isOwnId(schema, text))) return text
  const [noun, rest] = nounIn(text)
  const found = schemas.flatMap(({ name }) => {
    const id = names.find(name, text) ?? (noun === name ? names.find(name, rest) : undefined)
    return id === undefined ? [] : [{ name, id }]
  })
  const [first, second] = found
  if (first !== undefined && second === undefined) return first.id
  const message =
    second === undefined
      ? `'${text.slice(0, 80)}' is no id, and no line before this one has created a ${kindsOf(of.to)} of that name`
      : `'${text.slice(0, 80)}' is the name of several entities: write ${found.map(({ name }) => `'${name}/${text.slice(0, 80)}'`).join(' or ')}`
  throw new ObjectError({ code: 'invalid_reference', field: of.field, message: `'${of.field}' ${message}` })
}

/** A reference to several Nouns may say which one it means: `Contact/17`. */
function nounIn(text: string): readonly [noun: string, name: string] {
  const slash = text.indexOf('/')
  return slash < 0 ? ['', text] : [text.slice(0, slash), text.slice(slash + 1)]
}

function kindsOf(nouns: readonly string[]): string {
  return nouns.length > kindsNamedMax ? 'entity' : nouns.join(' or ')
}

/** Nouns that an error lists. */
const kindsNamedMax = 4
