// The routes of imports.

import type { ServiceRoute } from '@dotdo/service'
import { fileFormats } from './file-formats.ts'
import { importFile } from './import-file.ts'
import { type ImportBindings, withSource } from './import-source.ts'
import { importSystems } from './import-systems.ts'
import { refusedRows } from './refused-rows.ts'
import { WholeFiles } from './whole-file.ts'

const wholeFiles = new WholeFiles()

const importParameters = {
  dryRun: 'True to show the mapping of columns and to change nothing',
  file: 'Name of the file, whose ending may say its format',
  format: 'Format of the file: csv, xlsx, json, ndjson or parquet',
  asset: 'Id of an uploaded file, in place of a body',
  path: 'Path in the folder of imports, in place of a body',
  columns: 'JSON of headers and the fields that they become',
  values: 'JSON of fields and the values that all rows have of them',
  unmapped: 'ignore or metadata, for columns that are no field',
  match: 'Field by which a row is an existing entity',
  ids: 'map or keep',
  at: 'Time of creation, or the column that has it',
  dates: 'Order of dates: dmy, mdy or ymd',
  decimal: 'Decimal mark: . or ,',
  amounts: 'major or minor',
  zone: 'Time zone of times without an offset',
  system: 'Program that wrote the file',
  delimiter: 'Delimiter of a CSV',
  encoding: 'Encoding of a text',
  sheet: 'Sheet of a workbook',
} as const

export const importRoutes: readonly ServiceRoute<ImportBindings>[] = [
  {
    path: '/import',
    method: 'GET',
    about: 'Lists the formats of files that can be imported, and the programs whose exports are recognized.',
    answer: () => Promise.resolve({ ok: true, body: JSON.stringify({ formats: fileFormats, systems: importSystems }) }),
  },
  {
    path: '/import/{noun}',
    method: 'POST',
    about:
      'Imports a file as a job, from the body or from an uploaded `asset`, or from the folder of imports by `path`; a dry run shows the mapping of its columns and the rows whose values are refused.',
    document: {
      parameters: Object.fromEntries(Object.entries(importParameters).map(([name, about]) => [name, { about }])),
      answer: { about: 'The plan of a dry run, or the job' },
    },
    takesBytes: true,
    answer: async (request) => importFile(await withSource(request), wholeFiles),
  },
  {
    path: '/imports/{job}/refused',
    method: 'GET',
    about: 'Returns the rows that an import has refused as CSV, with line and reason.',
    document: { answer: { about: 'The rows', mediaType: 'text/csv' } },
    answer: refusedRows,
  },
]
