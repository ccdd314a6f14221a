// `import`: creates an entity for each row of a file. The idempotency key of each write is derived from the file name,
// the line and the row, so a repeated import writes only the missing rows.

import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { HeadlesslyError } from '@headlessly/sdk'
import { metaFieldNames, type NounSchema, parseDatetime, validateCreate } from 'digital-objects'
import { anyEntity, type AnyEntity, type Row } from './any-entity.ts'
import type { Command, CommandCall } from './command.ts'
import { wholeNumber } from './flag.ts'
import { type BadRow, type FileRow, readRows } from './read-rows.ts'
import { UsageError } from './usage-error.ts'

/** Three full messages, which is what the client has under way at most. */
const concurrencyMax = 300
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
      about: `concurrent writes; at most and by default ${concurrencyMax}`,
      parse: wholeNumber(1, concurrencyMax),
    },
    {
      name: 'at',
      kind: 'value',
      placeholder: '<timestamp or column>',
      about: 'the time at which the entities were created, for all rows or in a column of the file',
    },
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
  const work = new Importing({ entity: anyEntity(client(), schema), schema, file, signal, times })
  const rows = readRows(file, schema, { timeColumn })
  let reported = 0
  const report = (): void => {
    for (; reported < work.refused.length; reported++) {
      const { line, fault } = work.refused[reported] ?? { line: 0, fault: '' }
      output.note(`${file}:${line}: ${fault}`)
    }
  }
  await inParallel(rows, flags.number('concurrency') ?? concurrencyMax, async (row) => {
    await work.importRow(row)
    report()
    output.progress(`${work.written} written, ${work.refusedCount} refused`)
  })
  const refused = work.refused.toSorted((one, other) => one.line - other.line)
  const { written, refusedCount } = work
  if (refusedCount > refused.length) output.note(`and ${refusedCount - refused.length} more lines`)
  if (output.isJson) output.json({ written, refusedCount, refused })
  else output.note(`${written} written, ${refusedCount} refused`)
  return refusedCount === 0 ? 0 : 1
}

interface ImportingParts {
  readonly entity: AnyEntity
  readonly schema: NounSchema
  readonly file: string
  readonly signal: AbortSignal
  /** The time of all rows, or the column that has the time of each. */
  readonly times: { readonly at: string | undefined; readonly timeColumn: string | undefined }
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

  /** Throws if the failure is not the row's own: no connection, or an aborted command. */
  async importRow(given: FileRow | BadRow): Promise<void> {
    if ('fault' in given) return this.#refuse(given)
    const { entity, schema, file, signal, times } = this.#parts
    const { line } = given
    const at = times.timeColumn === undefined ? times.at : timeIn(given.row, times.timeColumn)
    if (at !== undefined && parseDatetime(at) === undefined)
      return this.#refuse({
        line,
        fault: `'${times.timeColumn ?? 'at'}' expects a timestamp with an offset, got '${at}'`,
      })
    const row = withoutTime(withoutMeta(given.row), schema, times.timeColumn)
    const checked = validateCreate(schema, row)
    if (!checked.ok) {
      const faults = checked.faults.map(({ field, message }) => `field '${field}' ${message}`)
      return this.#refuse({ line, fault: faults.join('; ') })
    }
    try {
      const happened = at === undefined ? {} : { at }
      const idempotencyKey = keyOf([schema.name, basename(file), line, row, ...Object.values(happened)])
      await entity.perform('create', row, { idempotencyKey, signal, ...happened })
      this.written++
    } catch (error) {
      if (!(error instanceof HeadlesslyError) || !isRowFault(error)) throw error
      this.#refuse({ line, fault: error.message })
    }
  }

  #refuse(row: BadRow): void {
    this.refusedCount++
    if (this.refused.length < reportedMax) this.refused.push(row)
  }
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
