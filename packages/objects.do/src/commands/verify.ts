// `lake.verify`: compares log, state and files.

import { lostReport } from '@dotdo/do'
import { defineCommand } from './command.ts'

export const verify = defineCommand({
  name: 'lake.verify',
  about: 'Compare log, state and files',
  path: '/lake/verify',
  reports: 'The compared parts, and every difference',
  schema: { type: 'object', additionalProperties: true },
  run: (store) => store.verify(),
  runLost: lostReport,
})
