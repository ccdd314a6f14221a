// A path to one value of an entity: `stage`, `organization.industry`, `price.plan.product.name`, `metadata.plan`.

import { ObjectError } from '../base/object-error.ts'
import { shorten } from '../base/shorten.ts'
import { type FilterContext, parsePath } from '../filter/parse-path.ts'
import { isListStorage } from '../filter/storage-class.ts'
import { invalidAggregate } from './invalid-aggregate.ts'
import type { ValuePath } from './value-path.ts'

/** Three references and the field at their end. */
const segmentsMax = 4

/** A path of an aggregate, and the parameter that has it. */
export interface NamedPath {
  readonly parameter: string
  readonly text: string
}

/** Throws an ObjectError `invalid_aggregate`. */
export function parseValuePath({ parameter, text }: NamedPath, context: FilterContext): ValuePath {
  const paths = resolvePaths({ parameter, text }, context)
  const [first] = paths
  for (const { steps, storage } of paths) {
    const many = steps.find(({ field }) => field.kind === 'reverse' || field.many)
    if (many !== undefined)
      throw invalidAggregate(
        parameter,
        `'${shorten(text)}' leads to many entities by '${many.field.name}'; expected references to one entity each`,
      )
    if (isListStorage(storage))
      throw invalidAggregate(parameter, `'${shorten(text)}' is a list; expected a single value`)
    if (storage !== first?.storage)
      throw invalidAggregate(parameter, `'${shorten(text)}' has values of different types`)
  }
  const storage = first?.storage
  if (storage === undefined || isListStorage(storage)) throw invalidAggregate(parameter, `no field '${shorten(text)}'`)
  return { paths, storage }
}

/** Parses several paths, of which the first with a value counts. Throws an ObjectError. */
export function parseFirstPath(
  { parameter, texts }: { readonly parameter: string; readonly texts: readonly string[] },
  context: FilterContext,
): ValuePath {
  const all = texts.map((text) => parseValuePath({ parameter, text }, context))
  const storage = all[0]?.storage
  if (storage !== undefined && all.every((path) => path.storage === storage))
    return { paths: all.flatMap(({ paths }) => paths), storage }
  throw new ObjectError({
    code: 'invalid_definition',
    field: parameter,
    message: `${parameter} expects fields of one type`,
  })
}

function resolvePaths({ parameter, text }: NamedPath, context: FilterContext): ReturnType<typeof parsePath> {
  try {
    return parsePath(text, context, segmentsMax)
  } catch (error) {
    if (error instanceof ObjectError) throw invalidAggregate(parameter, error.message)
    throw error
  }
}
