// A part of the attacks of `npm run soak:attack -- borders`, on a claimed server, and what the suite takes for a crossing.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { borderAttacks } from '../../../soak/attack/borders/all-attacks.ts'
import { type BorderAttack, crossingOf } from '../../../soak/attack/borders/border-attack.ts'
import { type ClaimedServer, startClaimedServer } from '../../../soak/attack/borders/claimed-server.ts'
import { acme, keyEndsMs, type Stage } from '../../../soak/attack/borders/stage.ts'
import { sleep } from '../../../soak/kill-server.ts'

/** The part of the attacks that runs by default: one of so many. */
const oneOf = Math.ceil(10 / Number(process.env['RUNS'] ?? 1))
const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))
let server: ClaimedServer

beforeAll(async () => {
  server = await startClaimedServer()
  await sleep(keyEndsMs)
})
afterAll(() => server.stop())

test('each attack has a name and a border of its own', () => {
  const names = borderAttacks.map(({ entry, name }) => `${entry}: ${name}`)
  expect(new Set(names).size).toBe(names.length)
  expect(names.length).toBeGreaterThan(400)
})

test(`nothing crosses (seed ${seed})`, async () => {
  const onClaimed = borderAttacks.filter(({ on }) => on !== 'open')
  for (const attack of onClaimed.filter((_, at) => at % oneOf === seed % oneOf))
    expect(await crossingOf(server.stage, attack), `${attack.entry}: ${attack.name}`).toBeUndefined()
})

const bySales = (send: (stage: Stage) => ReturnType<BorderAttack['send']>, expected: number): BorderAttack => ({
  name: 'a crossing',
  entry: 'itself',
  by: 'sales',
  expected: [expected],
  send,
})

test('a secret in an answer, a change and another status are crossings', async () => {
  const { stage } = server
  const deal = `${acme}/Deal/${stage.names.get('hidden') ?? ''}`
  const read = bySales(({ owner }) => owner({ method: 'GET', path: deal }), 200)
  expect(await crossingOf(stage, read)).toContain("the answer has 'Topazmerger'")
  const write = bySales(({ owner }) => owner({ method: 'POST', path: `${acme}/Product`, body: { name: 'x' } }), 201)
  expect(await crossingOf(stage, write)).toContain('it has changed something')
  const refused = bySales(({ owner }) => owner({ method: 'GET', path: `${acme}/Nothing` }), 200)
  expect(await crossingOf(stage, refused)).toContain('expected 200, got 404')
})
