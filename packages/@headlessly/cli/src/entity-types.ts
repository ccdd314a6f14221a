// The entity types that a command line knows: the built-in ones and what the tenant defined.

import { type Client, type DefinedType, Headlessly, type HeadlesslyOptions } from '@headlessly/sdk'
import {
  type CatalogEntry,
  describeSchema,
  makeCatalog,
  makeNoun,
  type NounLookup,
  nouns,
  type NounSchema,
  serviceNouns,
} from 'digital-objects'
import { suggestion, UsageError } from './usage-error.ts'

const builtIn = Object.values({ ...nouns, ...serviceNouns }).map((noun) => noun.$schema)

export class EntityTypes {
  readonly #schemas: ReadonlyMap<string, NounSchema>
  readonly #own: ReadonlySet<string>
  /** The tenant's own definitions, and its additions to built-in types. */
  readonly defined: readonly CatalogEntry[]

  constructor(defined: readonly CatalogEntry[]) {
    this.defined = defined
    const catalog = makeCatalog(builtIn, defined)
    this.#own = catalog.own
    this.#schemas = new Map(catalog.nouns.map((schema) => [schema.name, schema]))
  }

  get names(): readonly string[] {
    return [...this.#schemas.keys()]
  }

  /** Whether the type is not one of the tenant's own. */
  isBuiltIn(name: string): boolean {
    return this.#schemas.has(name) && !this.#own.has(name)
  }

  /** Returns the schema with its descriptions. */
  readonly find: NounLookup = (name) => {
    const schema = this.#schemas.get(name)
    return schema === undefined ? undefined : describeSchema(schema)
  }

  /** Throws a UsageError. */
  parse(name: string): NounSchema {
    const found = this.find(name)
    if (found !== undefined) return found
    throw new UsageError(`unknown type '${name}'${suggestion(name, this.names)}`, 'schema')
  }

  /** Returns the type of an entity id. Throws a UsageError. */
  parseId(id: string): NounSchema {
    const prefix = id.split('_', 1)[0]
    const found = [...this.#schemas.values()].find(({ idPrefix }) => idPrefix === prefix)
    if (found !== undefined && id !== prefix) return found
    throw new UsageError(`expected an id such as contact_0123456789AB, got '${id.slice(0, 64)}'`)
  }

  /** Returns the tenant's own Nouns, for a client. */
  toNouns(): readonly ReturnType<typeof makeNoun>[] {
    return this.defined.map(({ name, definition }) => makeNoun(name, definition))
  }
}

export const builtInTypes = new EntityTypes([])

/** Asks the server. The built-in types if it does not answer: the command itself then says what is wrong. */
export async function readTypes(options: HeadlesslyOptions, signal: AbortSignal): Promise<EntityTypes> {
  try {
    return await typesOf(Headlessly(options), signal)
  } catch {
    return builtInTypes
  }
}

/** Asks the server, and throws its refusal. */
export async function typesOf({ schema }: Pick<Client, 'schema'>, signal: AbortSignal): Promise<EntityTypes> {
  const defined = Object.values(await schema.list({ defined: true, signal }))
  return defined.length === 0 ? builtInTypes : new EntityTypes(defined.map(toEntry))
}

/** A type without a service that has the name of a service's is the tenant's own. */
function toEntry({ name, definition, service }: DefinedType): CatalogEntry {
  return { name, definition: { ...definition, ...(typeof service === 'string' ? { service } : {}) } }
}
