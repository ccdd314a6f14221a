// Names the schemas of an OpenAPI document. A tenant's own Noun may have the name of another schema, such as `Status` or
// `ContactPage`: the Noun keeps its name, and the other schema gets a longer one.

import type { Json } from './components.ts'

const prefix = '#/components/schemas/'

interface Unnamed extends Json {
  readonly components: Json & { readonly schemas: Json }
}

/** The keys of the schemas are those of `nounKey` and the names of common schemas. */
export function nameSchemas({ components, ...document }: Unnamed): Json {
  const { schemas, ...others } = components
  const names = namesOf(Object.keys(schemas))
  const nameOf = (key: string): string => names.get(key) ?? key
  const refer = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(refer)
    return isJson(value) ? referAll(value) : value
  }
  const referAll = (value: Json): Json =>
    Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [
        key,
        key === '$ref' && typeof inner === 'string' && inner.startsWith(prefix)
          ? prefix + nameOf(inner.slice(prefix.length))
          : refer(inner),
      ]),
    )
  const named = Object.fromEntries(Object.entries(schemas).map(([key, schema]) => [nameOf(key), refer(schema)]))
  return { ...referAll(document), components: { schemas: named, ...referAll(others) } }
}

/** Nouns choose first, then common schemas, whose names other people's programs know, then the parts of Nouns. */
function namesOf(keys: readonly string[]): ReadonlyMap<string, string> {
  const isNoun = (key: string): boolean => key.endsWith(':')
  const isCommon = (key: string): boolean => !key.includes(':')
  const isPart = (key: string): boolean => !isNoun(key) && !isCommon(key)
  const names = new Map<string, string>()
  const taken = new Set<string>()
  for (const key of [isNoun, isCommon, isPart].flatMap((isOfKind) => keys.filter(isOfKind))) {
    let name = key.replace(':', '')
    while (taken.has(name)) name += 'Schema'
    taken.add(name)
    names.set(key, name)
  }
  return names
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null
}
