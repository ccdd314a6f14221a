// `archive.read` and `archive.load`: the archive of a whole tenant, some members at a time. Only the operator's routes call them.

import { defineCommand } from './command.ts'

const schema = { type: 'object', additionalProperties: true } as const

export const archiveRead = defineCommand({
  name: 'archive.read',
  about: 'Read some members of the archive of the tenant',
  path: undefined,
  reports: 'Members, and where the next ones begin',
  schema,
  runAny: async (store, { tenant }, { at = '' }) => {
    await store.loss.requireDatabase(tenant)
    return store.archive.read(at)
  },
})

/** The parameter `name` is that of a member, or empty after the last. */
export const archiveLoad = defineCommand({
  name: 'archive.load',
  about: 'Load a member of an archive into a tenant that has nothing',
  path: undefined,
  reports: 'What was loaded, after the last member',
  schema,
  runAny: async (store, { tenant, context }, { name = '', text = '' }) => {
    if (name === '') return store.archive.finish()
    if (name !== 'archive.json') await store.archive.load({ name, text })
    else
      await store.archive.begin({ name: tenant, context }, text, async () => {
        return (await store.loss.describe(tenant)) === undefined
      })
    return {}
  },
})
