// `import`: sends a file to the server, which imports it as a job, and shows its refused lines. With `--dry-run`, the server
// shows the field that each column becomes, and changes nothing.

import { existsSync, mkdtempSync, openAsBlob, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { ImportOptions, PlannedImport, RefusedImportRow } from '@headlessly/sdk'
import { formatCsvRecord, isPlainObject, tryParseJson } from 'digital-objects'
import type { Command, CommandCall } from './command.ts'
import { dryRunFlag } from './dry-run.ts'
import { Expected, type Flag } from './flag.ts'
import { isSqliteFile, SqliteProblem, writeTable } from './sqlite-file.ts'
import { UsageError } from './usage-error.ts'

/** Refused lines that are printed. All of them are in the file of `--refused`. */
const printedMax = 1_000

function choice(name: string, placeholder: string, about: string): Flag {
  return { name, kind: 'value', placeholder, about, parse: (text) => text }
}

const choices = [
  choice('match', '<field>', 'the indexed field, or $id, by which rows are existing entities; empty to create all'),
  choice('at', '<timestamp or column>', 'the time at which the entities were created, for all rows or in a column'),
  choice('system', '<name>', 'the program that wrote the file; by default it is recognized by its columns'),
  choice('encoding', '<name>', 'the encoding of the file, such as windows-1252; by default it is found'),
  choice('delimiter', '<character>', 'a comma, a semicolon, tab or |; by default it is found'),
  choice('dates', '<order>', 'dmy, mdy or ymd; by default all rows decide'),
  choice('decimal', '<mark>', 'a point or a comma; by default all rows decide'),
  choice('amounts', '<unit>', 'major if amounts are in units of the currency, minor if in cents'),
  choice('zone', '<time zone>', 'the zone of times without an offset, such as Europe/Berlin; UTC by default'),
  choice('ids', '<fate>', 'keep the ids of the file, or map them to new ones, as by default'),
  choice(
    'unmapped',
    '<fate>',
    'ignore or metadata: the fate of columns that are no field; by default they refuse the file',
  ),
  choice('sheet', '<name>', 'the sheet of a workbook; by default the only visible one with values'),
  choice('format', '<name>', 'csv, xlsx, parquet, json or ndjson; by default the ending of the file says it'),
] as const

export const importCommand: Command = {
  name: 'import',
  words: ['<Type>', '<file>'],
  about:
    'import a spreadsheet, a .csv, .json, .ndjson, .parquet or SQLite file, or the export of another product; first with --dry-run',
  example: 'import Contact contacts.csv --dry-run',
  flags: [
    {
      name: 'columns',
      kind: 'value',
      placeholder: '<json>',
      about: 'headers and their fields: {"Nr.":"$id","Intern":""}',
      parse: parseColumns,
    },
    {
      name: 'values',
      kind: 'value',
      placeholder: '<json>',
      about: 'fields and the values that all rows have of them: {"currency":"EUR"}',
      parse: parseValues,
    },
    ...choices,
    choice('table', '<name>', 'the table or view of a SQLite file; by default the only one'),
    {
      name: 'refused',
      kind: 'value',
      placeholder: '<file>',
      about: 'write refused rows to a CSV file',
      parse: (text) => text,
    },
    { ...dryRunFlag, about: 'show the field of each column and the rows whose values are refused, and change nothing' },
  ],
  run: importFile,
}

async function importFile(call: CommandCall): Promise<number> {
  const { words, flags, types } = call
  const [type = '', file = ''] = words
  types.parse(type)
  if (!existsSync(file)) throw new UsageError(`file not found: '${file}'`, 'import')
  if (statSync(file).isFile() && isSqliteFile(file)) return importTable(call, file)
  if (flags.has('table')) throw new UsageError(`--table belongs to a SQLite file, and '${file}' is none`, 'import')
  return importContent(call, { file, content: await openAsBlob(file), name: basename(file) })
}

/** A table becomes a CSV file, so its texts are read as those of any file: dates, amounts, words for yes and no. */
async function importTable(call: CommandCall, file: string): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'headlessly-import-'))
  const csv = join(folder, 'table.csv')
  try {
    await writeTable(file, { table: call.flags.text('table'), into: csv })
    const options = { decimal: call.flags.text('decimal') ?? '.', encoding: 'utf-8', delimiter: ',', format: 'csv' }
    return await importContent(call, { file, content: await openAsBlob(csv), name: 'table.csv', options })
  } catch (error) {
    if (!(error instanceof SqliteProblem)) throw error
    call.output.problem({ code: 'sqlite', message: error.message })
    return 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function importContent(
  call: CommandCall,
  sent: { readonly file: string; readonly content: Blob; readonly name: string; readonly options?: object },
): Promise<number> {
  const { words, flags, types, output, client, signal } = call
  const { file, content } = sent
  const schema = types.parse(words[0] ?? '')
  const given = Object.fromEntries(
    choices.flatMap(({ name }) => (flags.text(name) === undefined ? [] : [[name, flags.text(name)]])),
  )
  const [columns, values] = [flags.text('columns'), flags.text('values')]
  const options: ImportOptions = {
    ...given,
    ...sent.options,
    file: sent.name,
    signal,
    ...(columns === undefined ? {} : { columns: JSON.parse(columns) as Record<string, string> }), // checked by `parseColumns`
    ...(values === undefined ? {} : { values: JSON.parse(values) as Record<string, unknown> }),
  }
  const { imports } = client()
  if (flags.has('dry-run')) return showPlan(call, file, await imports.plan(schema.name, content, options))
  const job = await imports.run(schema.name, content, {
    ...options,
    onProgress: ({ done, total, refused }) => output.progress(`${done} of ${total}, ${refused} refused`),
  })
  const refused: RefusedImportRow[] = []
  const refusedFile = flags.text('refused')
  if (job.refused > 0)
    for await (const row of imports.refused(job.id, { signal })) {
      refused.push(row)
      if (refusedFile === undefined && refused.length === printedMax) break
    }
  for (const { line, reason } of refused.slice(0, printedMax)) output.note(`${file}:${line}: ${bare(reason)}`)
  if (job.refused > printedMax) output.note(`and ${job.refused - printedMax} more lines`)
  if (refusedFile !== undefined) writeFileSync(refusedFile, toCsv(refused))
  const written = job.done - job.refused
  if (job.error !== null) output.problem({ code: 'conflict', message: job.error })
  if (output.isJson)
    output.json({
      job: job.id,
      written,
      refusedCount: job.refused,
      refused: refused.slice(0, printedMax).map(({ line, reason }) => ({ line, fault: bare(reason) })),
    })
  else output.note(`${written} written, ${job.refused} refused; headlessly undo --job ${job.id} takes it back`)
  return job.refused === 0 && job.state === 'done' ? 0 : 1
}

function showPlan({ output }: CommandCall, file: string, planned: PlannedImport): number {
  const { plan, questions, counts, refused } = planned
  if (output.isJson) output.json(planned)
  else {
    const columns = plan.columns.map(({ header, to, field, by, examples }) => ({
      column: header,
      becomes: to === 'field' ? field : to === 'metadata' ? `metadata.${String(field)}` : to,
      by,
      examples: Array.isArray(examples) ? examples.join(' | ') : '',
    }))
    output.rows(columns, ['column', 'becomes', 'by', 'examples'])
    output.note(plan.match === null ? 'each row is created' : `rows are matched by ${plan.match}`)
    for (const { line, reason } of refused) output.note(`${file}:${line}: ${reason}`)
    for (const { message } of questions) output.note(`open: ${message}`)
    const { rows, checked, tried, created, updated, refused: count } = counts
    output.note(`${rows} rows, ${count} of ${checked} are refused; nothing was changed`)
    if (tried > 0) output.note(`the first ${tried} were tried: ${created} would be created, ${updated} updated`)
    if (tried < rows) output.note('of the others, what depends on other entities is checked when a row is written')
  }
  return counts.refused === 0 && questions.length === 0 ? 0 : 1
}

/** Without the place that the line has before it. */
function bare(reason: string): string {
  return reason.replace(/^line \d+: /, '').replace(/^[A-Z]\w*\.\w+: /, '')
}

function toCsv(rows: readonly RefusedImportRow[]): string {
  const header = rows[0]?.header ?? []
  const records = rows.map(({ cells, line, reason }) => [
    ...header.map((_, at) => toText(cells[at])),
    String(line),
    reason,
  ])
  return [[...header, 'Line', 'Reason'], ...records].map((record) => `${formatCsvRecord(record)}\r\n`).join('')
}

function toText(value: unknown): string | null {
  if (value === undefined || value === null) return null
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function parseValues(text: string): string {
  if (isPlainObject(tryParseJson(text))) return text
  throw new Expected(
    `a JSON object of fields and values, such as {"currency":"EUR"}, got ${JSON.stringify(text.slice(0, 60))}`,
  )
}

function parseColumns(text: string): string {
  const value = tryParseJson(text)
  if (isPlainObject(value) && Object.values(value).every((field) => typeof field === 'string')) return text
  throw new Expected(
    `a JSON object of headers and fields, such as {"Nr.":"$id"}, got ${JSON.stringify(text.slice(0, 60))}`,
  )
}
