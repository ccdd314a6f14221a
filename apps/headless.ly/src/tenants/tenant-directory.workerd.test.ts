import { createExecutionContext, env as testEnv, runInDurableObject } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { fullAuthority } from 'digital-objects'
import { makeApp } from '../app.ts'
import { TenantDirectory } from './tenant-directory.ts'

const { TENANTS, REGISTRY } = testEnv
const app = makeApp([])

async function create(name: string): Promise<number> {
  const request = new Request('http://localhost/~resting/Contact', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name }),
  })
  const answer = await app.fetch(request, { TENANTS, REGISTRY }, createExecutionContext())
  await answer.text()
  return answer.status
}

test('an idle object that ends loses no call: each is answered, and done once', async () => {
  expect(await create('first')).toBe(201)
  const statuses: number[] = []
  let rests = 0
  for (let round = 0; round < 40; round++) {
    const rest = TENANTS.getByName('resting')
      .rest()
      // The object that ends rejects the call that ends it.
      .then(
        () => 0,
        () => 1,
      )
    const writes = Array.from({ length: 3 }, async (_, nth) => {
      for (let tick = 0; tick < (round * (nth + 1)) % 23; tick++) await Promise.resolve()
      return create(`c${round}-${nth}`)
    })
    const [ended, ...answers] = await Promise.all([rest, ...writes])
    rests += ended
    statuses.push(...answers)
  }
  expect(rests).toBeGreaterThan(0)
  expect(statuses.filter((status) => status !== 201)).toEqual([])
  const list = new Request('http://localhost/~resting/Contact/count?strong=true')
  const answer = await app.fetch(list, { TENANTS, REGISTRY }, createExecutionContext())
  expect(await answer.json()).toEqual({ count: 1 + statuses.length })
})

test('a read is answered although its object is reset under it', async () => {
  expect(await create('first')).toBe(201)
  const reset = runInDurableObject(TENANTS.getByName('resting'), (_, state) =>
    // An error in here resets the object, as a failed commit does, and rejects the calls that have arrived meanwhile.
    state.blockConcurrencyWhile(async () => {
      await scheduler.wait(50)
      throw new Error('reset')
    }),
  ).catch((error: unknown) => String(error))
  const list = new Request('http://localhost/~resting/Contact?strong=true&limit=1')
  const answer = await app.fetch(list, { TENANTS, REGISTRY }, createExecutionContext())
  expect(await reset).toContain('reset')
  expect(answer.status, await answer.text()).toBe(200)
})

test('a tenant begins with rests between the steps, in which others are served, and later calls have none', async () => {
  let rests = 0
  const directory = new TenantDirectory({ TENANTS, REGISTRY }, async () => {
    rests++
  })
  const caller = {
    tenant: 'beginning',
    context: 'http://localhost/~beginning',
    authority: fullAuthority('anonymous'),
    via: 'rest' as const,
  }
  const write = (body: object): Promise<readonly string[]> =>
    directory.ask({ caller, calls: [{ kind: 'write', noun: 'Contact', verb: 'create', body: JSON.stringify(body) }] })
  expect(await write({})).toEqual([expect.stringContaining('"ok":false')])
  expect(rests).toBe(0)
  expect(await write({ name: 'first' })).toEqual([expect.stringContaining('"ok":true')])
  expect(rests).toBe(2)
  expect(await write({ name: 'second' })).toEqual([expect.stringContaining('"ok":true')])
  expect(rests).toBe(2)
})
