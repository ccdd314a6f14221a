// `lake.flush`: brings the files up to the log.

import { ref } from '../openapi/components.ts'
import { defineCommand } from './command.ts'

export const flush = defineCommand({
  name: 'lake.flush',
  about: 'Bring the files up to the log',
  path: '/lake/flush',
  reports: 'The last seq in the files, and their revision',
  schema: ref('FlushReport'),
  run: (store) => store.flush(),
})
