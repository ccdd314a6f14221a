// Definitions of big Nouns: their indexes are created before the commit, which still makes or refuses the promise.

import { env, runInDurableObject } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { askRead, askWrite } from '../../test/ask-tenant.ts'
import { caller } from '../../test/generated-tenant.ts'

type Stub = DurableObjectStub<import('../../test/worker.ts').SlicedObject>

test('a definition waits for its indexes, answers as a small tenant would, and leaves none if it is refused', async () => {
  const stub = env.SLICED.get(env.SLICED.newUniqueId())
  const put = (fields: object) =>
    askWrite(stub, caller, { noun: 'Car', verb: 'schema.put', body: JSON.stringify({ fields }) })
  const create = (body: object) => askWrite(stub, caller, { noun: 'Car', verb: 'create', body: JSON.stringify(body) })
  expect(await put({ name: 'string!', plate: 'string?' })).toMatchObject({ ok: true })
  for (const plate of ['a', 'b', 'b']) expect(await create({ name: 'car', plate })).toMatchObject({ ok: true })
  const before = await indexesOf(stub)
  expect(await put({ name: 'string!#', plate: 'string?##' })).toMatchObject({
    ok: false,
    error: { code: 'conflict', field: 'plate', detail: { count: 1 } },
  })
  expect(await indexesOf(stub)).toEqual(before)
  expect(await put({ name: 'string!#', plate: 'string?', owner: 'string?##' })).toMatchObject({ ok: true })
  expect(await indexesOf(stub)).toEqual(
    [...before, 'Car.name:text', 'Car.owner:text', 'Car/past.name:text', 'Car/past.owner:text'].toSorted(),
  )
  expect(await create({ name: 'c', owner: 'Ada' })).toMatchObject({ ok: true })
  expect(await create({ name: 'd', owner: 'Ada' })).toMatchObject({ ok: false, error: { code: 'conflict' } })
  const found = await askRead(stub, caller, { noun: 'Car', read: 'find', parameters: { owner: 'Ada' } })
  expect(found.ok && JSON.parse(found.body)).toMatchObject({ results: [{ name: 'c' }] })
})

function indexesOf(stub: Stub): Promise<readonly string[]> {
  const query = "SELECT name FROM sqlite_master WHERE type = 'index' AND name GLOB 'Car*' ORDER BY name"
  return runInDurableObject(stub, (_, { storage }) =>
    [...storage.sql.exec<{ name: string }>(query)].map(({ name }) => name),
  )
}
