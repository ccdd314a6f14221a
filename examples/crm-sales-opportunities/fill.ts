// Brings the rows of a file into a type of entity, whatever an earlier run has left of it: every row ends as loaded, as
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
  /** What tells the row from all others, and its entity too. */
  readonly keyOf: (values: Row<Column>['values']) => string
  /** Throws a RowError where the row names what is not there. */
  readonly toInput: (values: Row<Column>['values']) => Input
  /** Ids of what is there, by key. */
  readonly findIds: () => Promise<Map<string, string>>
  readonly create: (input: Input) => PromiseLike<{ readonly $id: string }>
}

export class RowError extends Error {}

/** The ids by key, and the report. Throws where the server cannot be reached. */
export async function fill<Column extends string, Input>(
  filling: Filling<Column, Input>,
): Promise<{ readonly ids: ReadonlyMap<string, string>; readonly report: Report }> {
  const { file, rows, keyOf, toInput, findIds, create } = filling
  const ids = await findIds()
  const alreadyThere = rows.filter(({ values }) => ids.has(keyOf(values))).length
  const seen = new Map<string, number>()
  const refused = await refusalsOf(rows, async ({ line, values }) => {
    const key = keyOf(values)
    if (seen.has(key)) throw new RowError(`'${key}' is in line ${seen.get(key)} already`)
    seen.set(key, line)
    if (!ids.has(key)) ids.set(key, (await create(toInput(values))).$id)
  })
  return { ids, report: { file, rows: rows.length, alreadyThere, refused } }
}

/** All at once: the client puts what is called together into messages. Throws what is nobody's mistake. */
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
