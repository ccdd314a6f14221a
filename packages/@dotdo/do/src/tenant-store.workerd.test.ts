import { env, runInDurableObject } from 'cloudflare:test'
import { expect, test } from 'vitest'

test('a Durable Object of the tests has SQLite', async () => {
  const stub = env.BARE.get(env.BARE.newUniqueId())
  const rows = await runInDurableObject(stub, (_, state) => state.storage.sql.exec('SELECT 1 AS one').toArray())
  expect(rows).toEqual([{ one: 1 }])
})
