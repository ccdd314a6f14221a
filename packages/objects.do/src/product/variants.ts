// The variants of a flag or an experiment, and the choice of one of them for a unit.

import { isPlainObject, type JsonValue } from 'digital-objects'
import { fractionOf } from './subject.ts'

export interface Variant {
  readonly key: string
  readonly name: string
  /** Relative to those of the other variants. */
  readonly weight: number
  readonly value?: JsonValue
  readonly content?: JsonValue
}

/** Limits the variants that count. */
const variantsMax = 50

/** Reads a `json` field: a list of strings or objects, or an object of values by key. What has no key is skipped. */
export function variantsOf(value: JsonValue | undefined): readonly Variant[] {
  const all = Array.isArray(value)
    ? value.map((item: JsonValue) => (typeof item === 'string' ? { key: item } : item))
    : isPlainObject(value)
      ? Object.entries(value).map(([key, one]) => ({ key, value: one }))
      : []
  const found = new Map<string, Variant>()
  for (const item of all.slice(0, variantsMax)) {
    const variant = isPlainObject(item) ? variantOf(item) : undefined
    if (variant !== undefined && !found.has(variant.key)) found.set(variant.key, variant)
  }
  return [...found.values()]
}

function variantOf(item: Readonly<Record<string, JsonValue>>): Variant | undefined {
  const { key, id, name, weight, value, content } = item
  const known = [key, id, name].find((one) => typeof one === 'string' && one !== '')
  if (typeof known !== 'string') return undefined
  return {
    key: known,
    name: typeof name === 'string' ? name : known,
    weight: typeof weight === 'number' && weight >= 0 ? weight : 1,
    ...(value === undefined ? {} : { value }),
    ...(content === undefined ? {} : { content }),
  }
}

/** The same unit gets the same variant for the same salt. Without weights there is none. */
export function pickVariant(variants: readonly Variant[], salt: string, unit: string): Variant | undefined {
  const total = variants.reduce((sum, { weight }) => sum + weight, 0)
  let left = fractionOf(salt, 'variant', unit) * total
  return variants.find(({ weight }) => weight > 0 && (left -= weight) < 0)
}
