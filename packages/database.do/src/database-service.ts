// database.do: data in and out. It reads files of other programs, and writes files for them.

import type { Service } from '@dotdo/service'
import { exportRoutes } from './export/export-routes.ts'
import { importer } from './import/importer.ts'
import { importRoutes } from './import/import-routes.ts'

export function databaseService(): Service {
  return {
    name: 'database.do',
    about: 'Imports files of other programs, and exports entities to files.',
    routes: [...importRoutes, ...exportRoutes],
    importer,
  }
}
