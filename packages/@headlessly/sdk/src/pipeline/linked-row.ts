// A row as a callback sees it: its fields, and in place of ids the entities at the other ends of its relations, which came
// with it.

import { type LoadedItem, loadDepthMax } from 'digital-objects'
import { HeadlesslyError } from '../headlessly-error.ts'
import type { Loaded } from './parse-loaded.ts'

export interface Linking {
  readonly relations: Loaded['relations']
  /** Of the relations that were loaded, in entities that are not too deep. */
  readonly names: ReadonlySet<string>
  /** The lists that relations gave: what is made of one is another list. */
  readonly relationsRead: Set<unknown>
}

/** Where a linked row keeps the plain one. */
const plainRow = Symbol('plain row')

/** Frozen. Own enumerable properties are the data; the relations are there beside them. */
export function linkRow({ row, relations }: LoadedItem, linking: Linking, depth = loadDepthMax): unknown {
  const type = typeof row === 'object' && row !== null && '$type' in row ? row['$type'] : undefined
  if (typeof type !== 'string' || !Object.hasOwn(linking.relations, type)) return row
  const linked = { [plainRow]: row }
  Object.defineProperty(linked, plainRow, { enumerable: false })
  for (const name of linking.relations[type] ?? []) {
    const isLoaded = depth > 0 && linking.names.has(name)
    const get = isLoaded ? lazily(() => related(relations[name], linking, depth - 1)) : () => notLoaded(type, name)
    Object.defineProperty(linked, name, { get })
  }
  for (const [name, value] of Object.entries(row ?? {})) {
    if (!Object.hasOwn(linked, name)) Object.defineProperty(linked, name, { value, enumerable: true })
  }
  return Object.freeze(linked)
}

/** Plain rows in place of linked ones, however deep. Objects of other classes are left as they are. */
export function unlink(value: unknown): unknown {
  const made = new Map<object, unknown>()
  const plain = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value
    if (plainRow in value) return value[plainRow]
    if (made.has(value)) return made.get(value)
    const prototype: unknown = Object.getPrototypeOf(value)
    if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) return value
    const copy: object = Array.isArray(value) ? [] : {}
    made.set(value, copy)
    for (const [name, inner] of Object.entries(value)) {
      // Whatever the name: `__proto__` is one.
      Object.defineProperty(copy, name, { value: plain(inner), writable: true, enumerable: true, configurable: true })
    }
    return copy
  }
  return plain(value)
}

/** A list is a new one each time, so that who sorts it in place changes nobody else's. */
function related(value: LoadedItem['relations'][string] | undefined, linking: Linking, depth: number): () => unknown {
  if (value === undefined || value === null) return () => value
  if (!isList(value)) {
    const linked = linkRow(value, linking, depth)
    return () => linked
  }
  const items = value.map((item) => linkRow(item, linking, depth))
  return () => {
    const list = [...items]
    linking.relationsRead.add(list)
    return list
  }
}

/** `Array.isArray` does not know lists that are read-only. */
function isList<Item>(value: Item | readonly Item[]): value is readonly Item[] {
  return Array.isArray(value)
}

/** A row may have a thousand others behind it, which nobody looks at. */
function lazily(make: () => () => unknown): () => unknown {
  let get: (() => unknown) | undefined
  return () => (get ??= make())()
}

function notLoaded(type: string, name: string): never {
  const where = `written in the callback itself, and at most ${loadDepthMax} behind one another`
  const message = `${type}.${name} was not loaded; a callback reaches relations by their names, ${where}`
  throw new HeadlesslyError({ code: 'unsupported_expression', field: name, message })
}
