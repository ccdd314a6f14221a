// Values at indexed paths inside a `json` column. They have no column of their own: their hashes are in the bloom filter of
// the json column, beside those of its own values, so that any other reader of that filter stays right.

import { isPlainObject, tryParseJson } from 'digital-objects'
import type { Column } from './columns.ts'
import { type Hash64, xxhash64 } from './xxhash64.ts'

type Scalar = string | number | boolean | null

const textEncoder = new TextEncoder()

/** Hashes of everything that a row group's values of the column have at its paths, each once. */
export function hashPathValues({ paths = [] }: Column, jsons: readonly unknown[]): Hash64[] {
  const texts = new Set<string>()
  for (const json of jsons) {
    const value = tryParseJson(String(json))
    for (const keys of paths) {
      const scalar = valueAt(value, keys)
      if (scalar !== undefined) texts.add(pathText(keys, scalar))
    }
  }
  return Array.from(texts, (text) => xxhash64(textEncoder.encode(text)))
}

export function hashPathValue(keys: readonly string[], value: Scalar): Hash64 {
  return xxhash64(textEncoder.encode(pathText(keys, value)))
}

/** JSON has one text for each value, so equal values have equal hashes. */
function pathText(keys: readonly string[], value: Scalar): string {
  return JSON.stringify([keys, value])
}

/** `102:externalId,102:engine.power`: the paths that the bloom filters of a file know, as its metadata says it. */
export function formatPaths(columns: readonly Column[]): string {
  return columns.flatMap(({ id, paths = [] }) => paths.map((keys) => formatPath(id, keys))).join(',')
}

/** Keys have neither dots nor commas. */
export function formatPath(column: number, keys: readonly string[]): string {
  return `${column}:${keys.join('.')}`
}

function valueAt(json: unknown, keys: readonly string[]): Scalar | undefined {
  let value = json
  for (const key of keys) value = isPlainObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
  const isScalar = value === null || ['string', 'number', 'boolean'].includes(typeof value)
  return isScalar ? (value as Scalar) : undefined // one of these types
}
