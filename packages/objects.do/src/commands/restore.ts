// `lake.restore`: restores the tenant from its lake. Only the operator's route names another tenant or a time.

import { parseTimestamp } from '../entities/parameters.ts'
import { defineCommand } from './command.ts'

export const restore = defineCommand({
  name: 'lake.restore',
  about: 'Restore a tenant whose database is lost from its lake',
  path: '/lake/restore',
  reports: 'The last event that was restored, and what the lake did not have',
  schema: { type: 'object', additionalProperties: true },
  runAny: (store, { tenant, context }, { from = tenant, at }) =>
    store.loss.restore(
      { name: tenant, context },
      { from, throughMs: at === undefined ? undefined : parseTimestamp('at', at) },
    ),
})
