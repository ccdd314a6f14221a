// Asynchronous BEFORE handlers: what they read is still true when their write is made, and they hold up nobody else.

import { env } from 'cloudflare:test'
import { fullAuthority } from 'digital-objects'
import { expect, test } from 'vitest'
import { testService } from '@dotdo/service/suite'
import { ask, askRead, askWrite } from '../test/ask-tenant.ts'
import { seats } from '../test/seats-service.ts'

testService(seats)

const callerOf = (tenant: string) =>
  ({ tenant, context: `http://localhost/~${tenant}`, authority: fullAuthority('user_1'), via: 'rest' }) as const

const seat = (room: string, name?: string) => ({
  noun: 'Seat',
  verb: 'create',
  body: JSON.stringify({ room, ...(name === undefined ? {} : { name }) }),
})

async function numbersIn(tenant: string, room: string): Promise<readonly number[]> {
  const found = await askRead(env.SERVED.getByName(tenant), callerOf(tenant), {
    read: 'find',
    noun: 'Seat',
    parameters: { room },
  })
  if (!found.ok) throw new Error(found.error.message)
  const { results } = JSON.parse(found.body) as { results: { number: number }[] }
  return results.map(({ number }) => number).toSorted((a, b) => a - b)
}

test('a rule that a handler checks by a count holds for concurrent writes, and other rooms do not conflict', async () => {
  const tenant = 'rooms'
  const object = env.SERVED.getByName(tenant)
  const rooms = ['a', 'b', 'c', 'd']
  const answers = await Promise.all(
    Array.from({ length: 6 }, () => rooms.map((room) => askWrite(object, callerOf(tenant), seat(room))))
      .flat()
      .map(async (answer) => {
        const { ok, ...rest } = await answer
        return ok || !('error' in rest) ? 'made' : rest.error.code
      }),
  )
  for (const room of rooms) expect(await numbersIn(tenant, room)).toEqual([1, 2])
  expect(answers.filter((code) => code === 'made')).toHaveLength(8)
  expect(new Set(answers)).toEqual(new Set(['made', ...answers.filter((code) => code !== 'made')]))
  for (const code of answers) expect(['made', 'hook_rejected', 'read_conflict']).toContain(code)
  // Rooms are independent, so only writes of one room can have met.
  expect(answers).toContain('hook_rejected')
})

test('a slow handler delays its caller alone, and runs again if what it has read has changed', async () => {
  const tenant = 'slow'
  const object = env.SERVED.getByName(tenant)
  const caller = callerOf(tenant)
  await askWrite(object, caller, { noun: 'Contact', verb: 'create', body: '{"name":"Ada"}' })
  const slow = askWrite(object, caller, seat('a', 'slow'))
  await expect.poll(() => object.waitingSeats()).toBe(1)
  const runs = await object.seatRuns()
  expect(await askWrite(object, caller, { noun: 'Contact', verb: 'create', body: '{"name":"Grace"}' })).toMatchObject({
    ok: true,
  })
  expect(await askWrite(object, caller, seat('b'))).toMatchObject({ ok: true })
  expect(await askWrite(object, caller, seat('a'))).toMatchObject({ ok: true })
  await object.releaseSeats()
  await expect.poll(() => object.waitingSeats()).toBe(1)
  await object.releaseSeats()
  expect(await slow).toMatchObject({ ok: true })
  expect(await numbersIn(tenant, 'a')).toEqual([1, 2])
  expect((await object.seatRuns()) - runs).toBe(3)
})

test('a repeated request is answered without its handlers, and a refused one has changed nothing', async () => {
  const tenant = 'again'
  const object = env.SERVED.getByName(tenant)
  const caller = callerOf(tenant)
  const call = { kind: 'write', ...seat('a'), idempotencyKey: 'k1' } as const
  const first = await ask(object, caller, call)
  const runs = await object.seatRuns()
  expect(await ask(object, caller, call)).toMatchObject({ ok: true, isReplay: true, body: first.ok ? first.body : '' })
  expect(await object.seatRuns()).toBe(runs)
  await askWrite(object, caller, seat('a'))
  const before = await askRead(object, caller, { read: 'events' })
  const refused = await askWrite(object, caller, seat('a'))
  expect(refused).toMatchObject({ ok: false, error: { code: 'hook_rejected', field: 'room' } })
  const after = await askRead(object, caller, { read: 'events' })
  expect(after.ok ? after.body : '').toBe(before.ok ? before.body : 'other')
})
