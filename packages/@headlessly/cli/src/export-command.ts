// `export`: writes all matching entities, page by page, in a format that `import` reads.

import type { NounSchema } from 'digital-objects'
import { anyEntity, type Row } from './any-entity.ts'
import { checkRead } from './check-read.ts'
import type { Command, CommandCall } from './command.ts'
import { formatCsvRecord } from './csv.ts'
import { asOf, filterFlag } from './read-flags.ts'
import { storedFields } from './field-flag.ts'
import { oneOf } from './flag.ts'

const formats = ['ndjson', 'csv', 'json']
const metaColumns = ['$id', '$type', '$version', '$createdAt', '$createdBy', '$updatedAt']

export const exportCommand: Command = {
  name: 'export',
  words: ['<Type>'],
  about: 'write all entities of a type to stdout, sorted by id',
  example: 'export Contact --format csv > contacts.csv',
  flags: [
    {
      name: 'format',
      kind: 'value',
      placeholder: '<ndjson|csv|json>',
      values: formats,
      about: 'default ndjson',
      parse: oneOf(formats),
    },
    filterFlag,
    asOf,
  ],
  run: exportRows,
}

async function exportRows(call: CommandCall): Promise<number> {
  const { words, flags, types, output, client, signal } = call
  const schema = types.parse(words[0] ?? '')
  checkRead(schema, call, { command: 'export' })
  const timestamp = flags.text('as-of')
  const rows = anyEntity(client(), schema).find(flags.object('filter') ?? {}, {
    sort: '$id',
    ...(timestamp === undefined ? {} : { asOf: timestamp }),
    signal,
  })
  const format = formatOf(flags.text('format') ?? (output.isJson ? 'json' : 'ndjson'), schema)
  let written = 0
  if (format.head !== undefined) output.line(format.head)
  for await (const row of rows) {
    output.line(format.row(row, written))
    written++
    output.progress(`${written} written`)
  }
  if (format.foot !== undefined) output.line(format.foot)
  output.note(`${written} written`)
  return 0
}

interface Format {
  readonly head?: string
  row(row: Row, at: number): string
  readonly foot?: string
}

function formatOf(name: string, schema: NounSchema): Format {
  switch (name) {
    case 'csv': {
      const columns = [...metaColumns, ...storedFields(schema).map((field) => field.name)]
      const jsonColumns = new Set(
        storedFields(schema)
          .filter((field) => field.many || (field.kind === 'data' && field.type === 'json'))
          .map((field) => field.name),
      )
      const cell = (column: string, value: unknown): string | null =>
        value === undefined || value === null ? null : jsonColumns.has(column) ? JSON.stringify(value) : String(value)
      return {
        head: formatCsvRecord(columns),
        row: (row) => formatCsvRecord(columns.map((column) => cell(column, row[column]))),
      }
    }
    case 'json':
      return { head: '[', row: (row, at) => `${at === 0 ? ' ' : ','}${JSON.stringify(row)}`, foot: ']' }
    default:
      return { row: (row) => JSON.stringify(row) }
  }
}
