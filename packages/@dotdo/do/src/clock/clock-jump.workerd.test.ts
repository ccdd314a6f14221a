// Timestamps while the clock of the server jumps, and afterwards.

import { env, runInDurableObject } from 'cloudflare:test'
import { idMaker, Noun } from 'digital-objects'
import { expect, test } from 'vitest'
import { TenantStore } from '../tenant-store.ts'
import { noHooks } from '../write/hooks.ts'

const Robot = Noun('Robot', { name: 'string!' }).$schema
const tenant = { name: 'test', context: 'http://localhost/~test' }
const dayMs = 86_400_000
const startMs = Date.parse('2026-06-01T00:00:00Z')

function makeBench({ storage }: DurableObjectState) {
  const server = { clockMs: startMs, offsetMs: 0 }
  const makeId = idMaker({ random: (count) => crypto.getRandomValues(new Uint8Array(count)) })
  const store = new TenantStore({
    storage,
    nouns: [Robot],
    hooks: noHooks,
    validate: (_, fields) => fields,
    makeId: (prefix, nowMs) => makeId({ prefix, nowMs }),
    makeEpoch: () => 'e1',
    now: () => server.clockMs,
    space: {
      isFull: false,
      isExhausted: false,
      isStale: false,
      willWrite: () => {},
      get clockOffsetMs() {
        return server.offsetMs
      },
      refresh: () => Promise.resolve(),
    },
    log: () => {},
    committed: () => {},
  })
  const verb = Robot.verbs['create']
  if (verb === undefined) throw new Error('no create')
  const write = async (): Promise<number> => {
    const decide = () => ({ name: 'r' })
    const made = await store.write(
      { schema: Robot, verb, kind: 'create', actor: 'user_1', via: 'rest', decide },
      tenant,
    )
    return made.row.atMs
  }
  return { server, store, write }
}

test('events during and after a jump of 400 days have real timestamps, and asOf finds them', async () => {
  await runInDurableObject(env.BARE.get(env.BARE.newUniqueId()), async (_, state) => {
    const { server, store, write } = makeBench(state)
    expect(await write()).toBe(startMs)
    Object.assign(server, { clockMs: startMs + 400 * dayMs + 1_000, offsetMs: 400 * dayMs })
    expect(await write()).toBe(startMs + 1_000)
    expect(store.clockStatus()).toEqual({ offsetMs: 400 * dayMs, aheadMs: 0 })
    // A read of the future would seal it, so that no later write could be dated before it.
    expect(() => store.sealAt(startMs + 10 * dayMs)).toThrow('asOf expects a past time')
    Object.assign(server, { clockMs: startMs + 2_000, offsetMs: 0 })
    expect(await write()).toBe(startMs + 2_000)
    expect(store.clockStatus()).toEqual({ offsetMs: 0, aheadMs: 0 })
    expect([0, 1_000, 2_000].map((ms) => store.sealAt(startMs + ms))).toEqual([1, 2, 3])
  })
})

test('events that were dated ahead are reported, and later ones do not step back', async () => {
  await runInDurableObject(env.BARE.get(env.BARE.newUniqueId()), async (_, state) => {
    const { server, store, write } = makeBench(state)
    server.clockMs = startMs + 3 * dayMs
    expect(await write()).toBe(startMs + 3 * dayMs)
    server.clockMs = startMs + dayMs
    expect(store.clockStatus()).toEqual({ offsetMs: 0, aheadMs: 2 * dayMs })
    expect(await write()).toBe(startMs + 3 * dayMs)
    server.clockMs = startMs + 4 * dayMs
    expect(store.clockStatus()).toEqual({ offsetMs: 0, aheadMs: 0 })
    expect(await write()).toBe(startMs + 4 * dayMs)
  })
})
