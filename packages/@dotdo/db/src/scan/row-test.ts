// Compiles a filter into a test of the rows of a row group. The meaning of each condition is that of the plain predicate; long
// lists become hash look-ups.

import {
  compares,
  elementStorageOf,
  type Filter,
  hasWords,
  isListStorage,
  type JsonValue,
  type MatchContext,
  unreachable,
  valueTest,
} from 'digital-objects'
import { type DecodedGroup, valuesAt } from './column-values.ts'

export type RowTest = (row: number) => boolean

export interface RowTestContext extends Pick<MatchContext, 'regex' | 'searchable'> {
  readonly group: DecodedGroup
}

/** Shorter lists are searched as fast without a hash set. */
const listMin = 8

/** The filter crosses no relation, and the columns of its fields are decoded. */
export function filterToRowTest(filter: Filter, context: RowTestContext): RowTest {
  const { group, searchable } = context
  switch (filter.kind) {
    case 'and':
    case 'or': {
      const parts = filter.of.map((part) => filterToRowTest(part, context))
      const [first] = parts
      if (parts.length === 1 && first !== undefined) return first
      return filter.kind === 'and'
        ? (row) => parts.every((part) => part(row))
        : (row) => parts.some((part) => part(row))
    }
    case 'not': {
      const part = filterToRowTest(filter.of, context)
      return (row) => !part(row)
    }
    case 'compareFields': {
      const [valueOf, otherOf] = [valuesAt(filter.path, group), valuesAt(filter.other, group)]
      return (row) => {
        const [value, other] = [valueOf(row), otherOf(row)]
        return value !== undefined && other !== undefined && compares(value, filter.op, other)
      }
    }
    case 'text': {
      const searched = searchable.map((field) => valuesAt({ steps: [], field, storage: 'text', keys: [] }, group))
      return (row) =>
        hasWords(
          filter.words,
          searched.map((valueOf) => valueOf(row)),
        )
    }
    case 'compare':
    case 'in':
    case 'exists':
    case 'regex':
      return anyValue(filter, context)
    default:
      return unreachable(filter)
  }
}

function anyValue(filter: Parameters<typeof valueTest>[0], { group, regex }: RowTestContext): RowTest {
  const { path } = filter
  if (path.steps.length > 0)
    throw new Error('a filter on files must not cross a relation: localizeFilter should have replaced it')
  const test = isLongTextList(filter) ? listTest(filter.values) : valueTest(filter, { regex })
  const valueOf = valuesAt(path, group)
  if (isListStorage(path.storage))
    return (row) => {
      const value = valueOf(row)
      return Array.isArray(value) ? value.some((item: JsonValue) => test(item)) : value !== undefined && test(value)
    }
  return (row) => {
    const value = valueOf(row)
    return value !== undefined && test(value)
  }
}

/** Only text: values of other storage classes are not compared in the form that a set compares them. */
function isLongTextList(filter: Filter): filter is Extract<Filter, { readonly kind: 'in' }> {
  return filter.kind === 'in' && filter.values.length >= listMin && elementStorageOf(filter.path.storage) === 'text'
}

function listTest(values: readonly unknown[]): (value: JsonValue) => boolean {
  const wanted = new Set<unknown>(values)
  return (value) => wanted.has(value)
}
