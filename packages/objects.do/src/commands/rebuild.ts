// `lake.rebuild`: makes state and files again from the log.

import { defineCommand } from './command.ts'

export const rebuild = defineCommand({
  name: 'lake.rebuild',
  about: 'Make state and files again from the log',
  path: '/lake/rebuild',
  reports: 'What was made',
  run: (store) => store.rebuild(),
})
