// Methods of an entity type whose name is known only at run time.

import type { Client, Listing } from '@headlessly/sdk'
import { domains, type NounSchema, nounsOfDomain } from 'digital-objects'
import { UsageError } from './usage-error.ts'

export type Row = Readonly<Record<string, unknown>>

/** The methods that every entity type has. */
export interface AnyEntity {
  get(id: string, options: object): Promise<Row | null>
  find(filter: object, options: object): Listing<Row>
  count(filter: object, options: object): Promise<number>
  aggregate(filter: object, options: object): Promise<{ readonly rows: readonly Row[]; readonly hasMore: boolean }>
  history(id: string, options: object): Listing<Row>
  /** Calls `create`, `update`, `delete`, `rollback` or a custom verb with its method's arguments. */
  perform(method: string, ...given: readonly unknown[]): Promise<Row | undefined>
}

/** Whether the word has the form `Contact.find`, even if no such method exists. */
export function isMethodName(word: string): boolean {
  return /^[A-Z]\w*\.\w*$/.test(word)
}

export function domainOf(name: string): string {
  const has = (domain: string): boolean => nounsOfDomain(domain)?.some((member) => member === name) === true
  return Object.keys(domains).find(has) ?? ''
}

export function anyEntity(client: Client, { name }: NounSchema): AnyEntity {
  const methods: unknown = Reflect.get(client, name)
  const call = (method: string, given: readonly unknown[]): unknown => {
    const found: unknown = typeof methods === 'object' && methods !== null ? Reflect.get(methods, method) : undefined
    if (typeof found !== 'function') throw new UsageError(`${name} has no method ${method}`)
    return Reflect.apply(found, methods, given)
  }
  return {
    get: async (id, options) => parseRow(await call('get', [id, options])) ?? null,
    find: (filter, options) => parseListing(call('find', [filter, options])),
    count: async (filter, options) => Number(await call('count', [filter, options])),
    aggregate: async (filter, options) => parseGroups(await call('aggregate', [filter, options])),
    history: (id, options) => parseListing(call('history', [id, options])),
    perform: async (method, ...given) => parseRow(await call(method, given)),
  }
}

function parseRow(value: unknown): Row | undefined {
  return typeof value === 'object' && value !== null ? (value as Row) : undefined
}

function parseGroups(value: unknown): { readonly rows: readonly Row[]; readonly hasMore: boolean } {
  if (!Array.isArray(value)) return { rows: [], hasMore: false }
  return {
    rows: value.flatMap((row: unknown): Row[] => [parseRow(row) ?? {}]),
    hasMore: Reflect.get(value, 'hasMore') === true,
  }
}

/** Parses what `find` and `history` of any Noun return: rows that are objects. */
function parseListing(value: unknown): Listing<Row> {
  return value as Listing<Row>
}
