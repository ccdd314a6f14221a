// `lake.rebuild`: rebuilds state and files from the log.

import { defineCommand } from './command.ts'

export const rebuild = defineCommand({
  name: 'lake.rebuild',
  about: 'Rebuild state and files from the log',
  path: '/lake/rebuild',
  reports: 'The rebuilt tables and files',
  schema: { type: 'object', additionalProperties: true },
  run: (store) => store.rebuild(),
})
