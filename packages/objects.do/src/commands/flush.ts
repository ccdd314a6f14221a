// `lake.flush`: brings the files up to the log.

import { defineCommand } from './command.ts'

export const flush = defineCommand({
  name: 'lake.flush',
  about: 'Bring the files up to the log',
  path: '/lake/flush',
  reports: 'The last seq in the files, and their revision',
  run: (store) => store.flush(),
})
