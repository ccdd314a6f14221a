// Loads the rows of a file as entities of one type, whatever an earlier run has loaded. Every row ends as loaded, as
// already there, or as refused with its line and the reason.

import { HeadlesslyError } from '@headlessly/sdk'
import type { Row } from './rows.ts'

export interface Refusal {
  readonly line: number
  readonly reason: string
}

export interface Report {
  readonly file: string
  readonly rows: number
  readonly alreadyThere: number
  readonly refused: readonly Refusal[]
}

export interface Filling<Column extends string, Input> {
  readonly file: string
  readonly rows: readonly Row<Column>[]
  /** Returns the unique key of a row and of its entity. */
  readonly keyOf: (values: Row<Column>['values']) => string
  /** Throws a RowError if the row refers to a missing entity. */
  readonly toInput: (values: Row<Column>['values']) => Input
  /** Returns the ids of existing entities by key. */
  readonly findIds: () => Promise<Map<string, string>>
  readonly create: (input: Input) => PromiseLike<{ readonly $id: string }>
}

export class RowError extends Error {}

/** Returns the ids by key, and the report. Throws if the server cannot be reached. */
export async function fill<Column extends string, Input>(
  filling: Filling<Column, Input>,
): Promise<{ readonly ids: ReadonlyMap<string, string>; readonly report: Report }> {
  const { file, rows, keyOf, toInput, findIds, create } = filling
  const ids = await findIds()
  const alreadyThere = rows.filter(({ values }) => ids.has(keyOf(values))).length
  const seen = new Map<string, number>()
  const refused = await refusalsOf(rows, async ({ line, values }) => {
    const key = keyOf(values)
    if (seen.has(key)) throw new RowError(`'${key}' already occurs in line ${seen.get(key)}`)
    seen.set(key, line)
    if (!ids.has(key)) ids.set(key, (await create(toInput(values))).$id)
  })
  return { ids, report: { file, rows: rows.length, alreadyThere, refused } }
}

/**
 * Starts all calls at once: the client batches calls of one tick into messages. Throws errors that are not refusals.
 */
export async function refusalsOf<Item extends { readonly line: number }>(
  items: readonly Item[],
  one: (item: Item) => Promise<unknown>,
): Promise<readonly Refusal[]> {
  const outcomes = await Promise.allSettled(items.map(one))
  return outcomes.flatMap((outcome, at) => {
    if (outcome.status === 'fulfilled') return []
    const { reason } = outcome as { readonly reason: unknown }
    const isRefused = reason instanceof HeadlesslyError && ['validation_error', 'conflict'].includes(reason.code)
    if (!isRefused && !(reason instanceof RowError)) throw reason
    return [{ line: items[at]?.line ?? 0, reason: reason.message }]
  })
}
