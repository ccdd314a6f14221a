// Counts kept in memory equal those of the tables after every kind of change.

import { env, runInDurableObject } from 'cloudflare:test'
import { fullAuthority, type Status } from 'digital-objects'
import { expect, test, vi } from 'vitest'
import { ask, askRead, askWrite, type WriteGiven } from '../../test/ask-tenant.ts'

const callerParts = {
  tenant: 'counted',
  context: 'http://localhost/~counted',
  authority: fullAuthority('anonymous'),
  via: 'rest',
} as const

function newTenant() {
  const stub = env.TENANTS.get(env.TENANTS.newUniqueId())
  return {
    stub,
    write: (call: WriteGiven) => askWrite(stub, callerParts, call),
    status: async (): Promise<Status> => {
      const answer = await askRead(stub, callerParts, { read: 'status' })
      if (!answer.ok) throw new Error(answer.error.message)
      return JSON.parse(answer.body) as Status
    },
  }
}

test('entity counts follow creations, deletions, restorations, refusals and a rebuild', async () => {
  const { stub, write, status } = newTenant()
  const ids: string[] = []
  const create = async (name: string): Promise<string> => {
    const answer = await write({ noun: 'Contact', verb: 'create', body: JSON.stringify({ name }) })
    return answer.ok ? (answer.createdId ?? '') : ''
  }
  const check = async (contacts: number): Promise<void> => {
    const { entities } = await status()
    expect(entities['Contact'] ?? 0).toBe(contacts)
    const counted = await runInDurableObject(stub, (_, { storage: { sql } }) =>
      sql.exec<{ count: number }>('SELECT count(*) AS count FROM "Contact"').one(),
    )
    expect(counted.count).toBe(contacts)
  }
  for (let at = 0; at < 6; at++) ids.push(await create(`${at}`))
  await check(6)
  await write({ noun: 'Contact', verb: 'qualify', id: ids[0] ?? '' })
  await write({ noun: 'Contact', verb: 'delete', id: ids[0] ?? '' })
  await write({ noun: 'Contact', verb: 'delete', id: ids[1] ?? '' })
  await check(4)
  await write({ noun: 'Contact', verb: 'rollback', id: ids[0] ?? '', body: '{"version":1}' })
  await check(5)
  expect((await write({ noun: 'Contact', verb: 'create', body: '{"stage":"None"}' })).ok).toBe(false)
  expect((await write({ noun: 'Contact', verb: 'delete', id: ids[1] ?? '' })).ok).toBe(false)
  await check(5)
  // Some writes of a commit are refused, and the others take effect.
  await Promise.all([create('a'), write({ noun: 'Contact', verb: 'delete', id: ids[1] ?? '' }), create('b')])
  await check(7)
  await runInDurableObject(
    stub,
    (_, { storage: { sql } }) => void sql.exec('DELETE FROM "Contact" WHERE "$id" = ?', ids[2]),
  )
  const rebuilt = await ask(stub, callerParts, { kind: 'command', command: 'lake.rebuild' })
  expect(rebuilt.ok).toBe(true)
  await check(7)
})

test('parked work is counted separately from waiting work', async () => {
  const { stub, write, status } = newTenant()
  await write({ noun: 'Contact', verb: 'create', body: '{"name":"Ada"}' })
  await runInDurableObject(stub, (_, { storage: { sql } }) => {
    const statement = 'INSERT INTO outbox (handler, target, seq, due, parked) VALUES (?, ?, 1, ?, ?)'
    for (const parked of [0, 1, 1]) sql.exec(statement, 'none', 'contact_0', Date.now() + 3_600_000, parked)
  })
  expect((await status()).outbox).toEqual({ waiting: 1, parked: 2 })
})

test('an object whose newest event is ahead of the clock says so in its status and to the operator', async () => {
  const { stub, write, status } = newTenant()
  await write({ noun: 'Contact', verb: 'create', body: '{"name":"Ada"}' })
  expect((await status()).clock.aheadMs).toBe(0)
  const dayMs = 86_400_000
  await runInDurableObject(stub, (_, { storage: { sql } }) => {
    sql.exec('UPDATE log SET at = at + ?', 400 * dayMs)
  })
  const printed = vi.spyOn(console, 'error').mockImplementation(() => {})
  try {
    // Ends the object; the next call opens it again.
    await runInDurableObject(stub, (_, state) => state.abort('ended')).catch(() => {})
    const answer = await askRead(env.TENANTS.get(stub.id), callerParts, { read: 'status' })
    const { clock } = JSON.parse(answer.ok ? answer.body : '') as Status
    expect(clock.aheadMs).toBeGreaterThan(399 * dayMs)
    expect(printed.mock.calls.flat().join()).toContain(
      "counted: its newest event is 400.0 days ahead of this server's time",
    )
  } finally {
    printed.mockRestore()
  }
})
