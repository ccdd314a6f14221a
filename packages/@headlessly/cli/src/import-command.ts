// `import`: creates an entity for each row of a file, some hundred in a commit. Each row has an idempotency key of its own,
// derived from the file name, the line and the row, so a repeated import writes only the missing rows, and a corrected line
// does not write the rows beside it again.

import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { type DryRun, type EachRow, HeadlesslyError, type ManyResult } from '@headlessly/sdk'
import { metaFieldNames, type NounSchema, parseDatetime, validateCreate } from 'digital-objects'
import { anyEntity, type AnyEntity, type Row } from './any-entity.ts'
import type { Command, CommandCall } from './command.ts'
import { dryRunFlag, dryRunOf } from './dry-run.ts'
import { wholeNumber } from './flag.ts'
import { type BadRow, type FileRow, readRows } from './read-rows.ts'
import { UsageError } from './usage-error.ts'

/** Rows of one commit, so that others of the tenant need not wait long. */
const rowsPerCommit = 200
const charactersPerCommit = 500_000
/** Commits under way: the server makes one at a time. */
const concurrencyMax = 8
const concurrencyDefault = 3
/** Refused lines that are kept for the report. */
const reportedMax = 1_000

export const importCommand: Command = {
  name: 'import',
  words: ['<Type>', '<file>'],
  about: 'create an entity for each row of a .csv, .json or .ndjson file; repeating it writes nothing twice',
  example: 'import Contact contacts.csv',
  flags: [
    {
      name: 'concurrency',
      kind: 'value',
      placeholder: '<number>',
      about: `commits of ${rowsPerCommit} rows under way; at most ${concurrencyMax}, by default ${concurrencyDefault}`,
      parse: wholeNumber(1, concurrencyMax),
    },
    {
      name: 'at',
      kind: 'value',
      placeholder: '<timestamp or column>',
      about: 'the time at which the entities were created, for all rows or in a column of the file',
    },
    { ...dryRunFlag, about: 'check each row at the server, and change nothing' },
  ],
  run: importRows,
}

async function importRows(call: CommandCall): Promise<number> {
  const { words, flags, types, output, client, signal } = call
  const [type = '', file = ''] = words
  const schema = types.parse(type)
  if (!schema.verbs['create']) throw new UsageError(`type ${type} cannot be created`, 'import')
  if (!existsSync(file)) throw new UsageError(`file not found: '${file}'`, 'import')
  const at = flags.text('at')
  const timeColumn = at === undefined || parseDatetime(at) !== undefined ? undefined : at
  const times = { at: timeColumn === undefined ? at : undefined, timeColumn }
  const { dryRun } = dryRunOf(flags)
  const work = new Importing({ entity: anyEntity(client(), schema), schema, file, signal, times, dryRun })
  const rows = readRows(file, schema, { timeColumn })
  let reported = 0
  const report = (): void => {
    for (; reported < work.refused.length; reported++) {
      const { line, fault } = work.refused[reported] ?? { line: 0, fault: '' }
      output.note(`${file}:${line}: ${fault}`)
    }
  }
  const did = dryRun === undefined ? 'written' : 'would be written'
  await inParallel(work.chunks(rows), flags.number('concurrency') ?? concurrencyDefault, async (chunk) => {
    await work.importRows(chunk)
    report()
    output.progress(`${work.written} ${did}, ${work.refusedCount} refused`)
  })
  const refused = work.refused.toSorted((one, other) => one.line - other.line)
  const { written, refusedCount } = work
  if (refusedCount > refused.length) output.note(`and ${refusedCount - refused.length} more lines`)
  if (output.isJson) output.json({ written, refusedCount, refused, ...(dryRun === undefined ? {} : { dryRun }) })
  else output.note(`${written} ${did}, ${refusedCount} refused${dryRun === undefined ? '' : '; nothing was changed'}`)
  return refusedCount === 0 ? 0 : 1
}

interface ImportingParts {
  readonly entity: AnyEntity
  readonly schema: NounSchema
  readonly file: string
  readonly signal: AbortSignal
  /** The time of all rows, or the column that has the time of each. */
  readonly times: { readonly at: string | undefined; readonly timeColumn: string | undefined }
  readonly dryRun: true | undefined
}

/** A row to create. */
interface PreparedRow {
  readonly line: number
  readonly row: Row
  readonly own: EachRow
}

class Importing {
  /** The first refused rows, at most `reportedMax`. */
  readonly refused: BadRow[] = []
  refusedCount = 0
  written = 0
  readonly #parts: ImportingParts

  constructor(parts: ImportingParts) {
    this.#parts = parts
  }

  /** Rows that fit into a commit. The others are refused. */
  async *chunks(rows: AsyncIterable<FileRow | BadRow>): AsyncGenerator<readonly PreparedRow[]> {
    let chunk: PreparedRow[] = []
    let characters = 0
    for await (const given of rows) {
      const prepared = this.#prepare(given)
      if ('fault' in prepared) {
        this.#refuse(prepared)
        continue
      }
      chunk.push(prepared)
      characters += JSON.stringify(prepared.row).length
      if (chunk.length < rowsPerCommit && characters < charactersPerCommit) continue
      yield chunk
      chunk = []
      characters = 0
    }
    yield chunk
  }

  #prepare(given: FileRow | BadRow): PreparedRow | BadRow {
    if ('fault' in given) return given
    const { schema, file, times } = this.#parts
    const { line } = given
    const at = times.timeColumn === undefined ? times.at : timeIn(given.row, times.timeColumn)
    if (at !== undefined && parseDatetime(at) === undefined)
      return { line, fault: `'${times.timeColumn ?? 'at'}' expects a timestamp with an offset, got '${at}'` }
    const row = withoutTime(withoutMeta(given.row), schema, times.timeColumn)
    const checked = validateCreate(schema, row)
    if (!checked.ok)
      return { line, fault: checked.faults.map(({ field, message }) => `field '${field}' ${message}`).join('; ') }
    const happened = at === undefined ? {} : { at }
    const idempotencyKey = keyOf([schema.name, basename(file), line, row, ...Object.values(happened)])
    return { line, row, own: { idempotencyKey, ...happened } }
  }

  /** Throws if the failure is not that of rows: no connection, or an aborted command. */
  async importRows(chunk: readonly PreparedRow[]): Promise<void> {
    if (chunk.length === 0) return
    const { entity, signal, dryRun } = this.#parts
    const each = (_: Row, index: number): EachRow | undefined => chunk[index]?.own
    const options = { atomic: false, each, signal, ...(dryRun === undefined ? {} : { dryRun }) }
    const rows = chunk.map(({ row }) => row)
    try {
      const result = await entity.perform('createMany', rows, options)
      this.#count(chunk, dryRun === undefined ? (result as unknown as ManyResult) : madeIn(result)) // of this method
    } catch (error) {
      if (!(error instanceof HeadlesslyError) || !isRowFault(error)) throw error
      for (const { line } of chunk) this.#refuse({ line, fault: error.message })
    }
  }

  #count(chunk: readonly PreparedRow[], { refusals = [] }: Pick<ManyResult, 'refusals'>): void {
    this.written += chunk.length - refusals.length
    for (const { index, problem } of refusals)
      this.#refuse({ line: chunk[index]?.line ?? 0, fault: problem.detail.replace(/^entities\[\d+\]: /, '') })
  }

  #refuse(row: BadRow): void {
    this.refusedCount++
    if (this.refused.length < reportedMax) this.refused.push(row)
  }
}

/** Returns what a dry run has shown. Throws the refusal of all its rows. */
function madeIn(tried: Row | undefined): Pick<ManyResult, 'refusals'> {
  const { result, refusals } = tried as unknown as DryRun<ManyResult> // of `createMany`
  if (result !== null) return result
  const [refusal] = refusals
  throw new HeadlesslyError({
    code: refusal?.problem.code ?? 'internal_error',
    message: refusal?.problem.detail ?? 'the rows were refused',
    status: refusal?.status ?? 500,
  })
}

/** Whether the server refused the request because of its content. */
function isRowFault({ status = 0 }: HeadlesslyError): boolean {
  return [400, 404, 409, 412, 413, 422].includes(status)
}

function keyOf(parts: readonly unknown[]): string {
  return `import-${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 40)}`
}

function timeIn(row: Row, column: string): string | undefined {
  const value = row[column]
  return value === undefined || value === null || value === '' ? undefined : String(value)
}

/** A column of times that is no field is not part of the entity. */
function withoutTime(row: Row, { fields }: NounSchema, column: string | undefined): Row {
  if (column === undefined || Object.hasOwn(fields, column)) return row
  return Object.fromEntries(Object.entries(row).filter(([name]) => name !== column))
}

/** Drops meta-fields, which exported rows have. */
function withoutMeta(row: Row): Row {
  const meta: readonly string[] = metaFieldNames
  return Object.fromEntries(Object.entries(row).filter(([name]) => !meta.includes(name)))
}

/**
 * Takes `concurrency` items at a time. After the first failure no new item starts; it is thrown once all pending ones
 * have ended.
 */
async function inParallel<Item>(
  items: AsyncGenerator<Item>,
  concurrency: number,
  run: (item: Item) => Promise<void>,
): Promise<void> {
  const failures: unknown[] = []
  const work = async (): Promise<void> => {
    while (failures.length === 0) {
      try {
        const next = await items.next()
        if (next.done === true) return
        await run(next.value)
      } catch (error) {
        failures.push(error)
      }
    }
  }
  await Promise.all(Array.from({ length: concurrency }, work))
  await items.return(undefined)
  if (failures.length > 0) throw failures[0]
}
