// `export`: writes all matching entities as a file, which the server makes, in a format that `import` reads.

import type { ExportFormat } from '@headlessly/sdk'
import { checkRead } from './check-read.ts'
import type { Command, CommandCall } from './command.ts'
import { oneOf } from './flag.ts'
import { asOf, filterFlag, include } from './read-flags.ts'
import { UsageError } from './usage-error.ts'

const formats: readonly ExportFormat[] = ['ndjson', 'csv', 'json', 'parquet']

export const exportCommand: Command = {
  name: 'export',
  words: ['<Type>'],
  about: 'write all entities of a type to stdout, sorted by id',
  example: 'export Contact --format csv > contacts.csv',
  flags: [
    {
      name: 'format',
      kind: 'value',
      placeholder: '<ndjson|csv|json|parquet>',
      values: formats,
      about: 'default ndjson',
      parse: oneOf(formats),
    },
    filterFlag,
    asOf,
    include,
  ],
  run: exportRows,
}

async function exportRows(call: CommandCall): Promise<number> {
  const { words, flags, types, output, client, signal } = call
  const schema = types.parse(words[0] ?? '')
  checkRead(schema, call, { command: 'export' })
  const [timestamp, filter, included] = [flags.text('as-of'), flags.object('filter'), flags.text('include')]
  const name = flags.text('format') ?? (output.isJson ? 'json' : 'ndjson')
  const format = formats.find((each) => each === name) ?? 'ndjson'
  if (format === 'parquet' && output.isTerminal)
    throw new UsageError('a Parquet file is no text: redirect it, as in > contacts.parquet', 'export')
  const file = client().export(schema.name, {
    format,
    ...(filter === undefined ? {} : { filter }),
    ...(timestamp === undefined ? {} : { asOf: timestamp }),
    ...(included === undefined ? {} : { include: included.split(',') }),
    signal,
  })
  // A character may be split between two chunks.
  const decoder = format === 'parquet' ? undefined : new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let written = 0
  for await (const chunk of file) {
    await output.chunk(decoder?.decode(chunk, { stream: true }) ?? chunk)
    written += chunk.length
    output.progress(`${written} bytes written`)
  }
  output.note(`${written} bytes written`)
  return 0
}
