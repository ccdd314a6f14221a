// database.do: data in and out. It reads files of other programs.

import type { Service } from '@dotdo/service'
import { importRoutes } from './import/import-routes.ts'

export function databaseService(): Service {
  return {
    name: 'database.do',
    about: 'Imports files of other programs.',
    routes: importRoutes,
  }
}
