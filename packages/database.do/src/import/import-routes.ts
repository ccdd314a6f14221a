// The routes of imports.

import type { ServiceRoute } from '@dotdo/service'
import { fileFormats } from './file-formats.ts'
import { importFile } from './import-file.ts'
import { type ImportBindings, withSource } from './import-source.ts'
import { importSystems } from './import-systems.ts'
import { refusedRows } from './refused-rows.ts'
import { WholeFiles } from './whole-file.ts'

const wholeFiles = new WholeFiles()

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
    takesBytes: true,
    answer: async (request) => importFile(await withSource(request), wholeFiles),
  },
  {
    path: '/imports/{job}/refused',
    method: 'GET',
    about: 'Returns the rows that an import has refused as CSV, with line and reason.',
    answer: refusedRows,
  },
]
