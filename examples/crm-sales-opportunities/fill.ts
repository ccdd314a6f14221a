// Brings the rows of a file into a type of entity, whatever an earlier run has left of it: every row ends as loaded, as
// already there, or as refused with its line and the reason.

import { HeadlesslyError } from '@headlessly/sdk'
import type { Row } from './rows.ts'

/** Between two lines of progress. */
const batchRowsMax = 1_000

export interface Refusal {
  readonly line: number
  readonly reason: string
}

export interface Report {
  readonly file: string
  readonly rows: number
  readonly alreadyThere: number
  readonly refused: Refusal[]
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
  readonly createMany: (inputs: readonly Input[]) => Promise<readonly { readonly $id: string }[]>
}

export class RowError extends Error {}

/** The ids by key, and the report. Throws where the server cannot be reached. */
export async function fill<Column extends string, Input>(
  filling: Filling<Column, Input>,
): Promise<{ readonly ids: ReadonlyMap<string, string>; readonly report: Report }> {
  const { file, rows, findIds, createMany } = filling
  const ids = await findIds()
  const refused: Refusal[] = []
  const prepared = prepare(filling, refused)
  let left = prepared.filter(({ key }) => !ids.has(key))
  const report: Report = { file, rows: rows.length, alreadyThere: prepared.length - left.length, refused }
  // Each turn is done with a batch, or with a row that is refused.
  while (left.length > 0) {
    const batch = left.slice(0, batchRowsMax)
    try {
      const created = await createMany(batch.map(({ input }) => input))
      for (const [at, { key }] of batch.entries()) ids.set(key, created[at]?.$id ?? '')
    } catch (error) {
      const { index, reason } = refusalOf(error)
      const culprit = batch[index]
      if (culprit === undefined) throw error
      refused.push({ line: culprit.line, reason })
      left = left.filter((row) => row !== culprit)
      // Some of the others were written, and the server knows which.
      for (const [key, id] of await findIds()) ids.set(key, id)
    }
    left = left.filter(({ key }) => !ids.has(key))
    console.error(`${file}: ${rows.length - left.length} of ${rows.length}`)
  }
  return { ids, report }
}

interface Prepared<Input> {
  readonly line: number
  readonly key: string
  readonly input: Input
}

function prepare<Column extends string, Input>(filling: Filling<Column, Input>, refused: Refusal[]): Prepared<Input>[] {
  const { rows, keyOf, toInput } = filling
  const lines = new Map<string, number>()
  return rows.flatMap(({ line, values }) => {
    const key = keyOf(values)
    try {
      if (lines.has(key)) throw new RowError(`'${key}' is in line ${lines.get(key)} already`)
      lines.set(key, line)
      return [{ line, key, input: toInput(values) }]
    } catch (error) {
      if (!(error instanceof RowError)) throw error
      refused.push({ line, reason: error.message })
      return []
    }
  })
}

/** Which of a `createMany` was refused for what it says. Anything else that went wrong is thrown on. */
function refusalOf(error: unknown): { readonly index: number; readonly reason: string } {
  if (!(error instanceof HeadlesslyError) || !['validation_error', 'conflict'].includes(error.code)) throw error
  const { index } = error.detail
  if (typeof index !== 'number') throw error
  return { index, reason: error.cause instanceof HeadlesslyError ? error.cause.message : error.message }
}
