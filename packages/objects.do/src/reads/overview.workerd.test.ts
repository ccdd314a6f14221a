// The overview of a tenant says the same as its other reads, to every caller.

import { env } from 'cloudflare:test'
import { fullAuthority, type ObjectEvent, type Overview } from 'digital-objects'
import { expect, test } from 'vitest'
import { askRead, askWrite, type ReadGiven } from '../../test/ask-tenant.ts'
import { caller as fullCaller, type GeneratedTenant, makeTenant, type Moment } from '../../test/generated-tenant.ts'
import { type RestrictedCaller, restrictedCallers, visibleWorld } from '../../test/restricted-callers.ts'

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))

async function read<Body>(stub: GeneratedTenant['stub'], caller: RestrictedCaller['caller'], given: ReadGiven) {
  const answer = await askRead(stub, caller, given)
  if (!answer.ok) throw new Error(answer.error.message)
  return JSON.parse(answer.body) as Body
}

interface Events {
  readonly results: readonly ObjectEvent[]
}

test(`counts and newest events are those that a caller with a generated authority may see, seed ${seed}`, async () => {
  const { stub, history } = await makeTenant(seed)
  const { world } = history.at(-1) as Moment
  const contactIds = [...world.values()].filter(({ $type }) => $type === 'Contact').map(({ $id }) => $id)
  const callers = restrictedCallers({ seed, count: 12, contactIds })
  let [hidden, listed] = [0, 0]
  for (const { caller, authority } of [...callers, { caller: fullCaller, authority: undefined }]) {
    const overview = await read<Overview>(stub, caller, { read: 'overview' })
    const visible = authority === undefined ? world : visibleWorld(world, authority)
    for (const { name, count, url } of overview.entities) {
      expect(count, `${name} ${JSON.stringify(authority)}`).toBe(
        [...visible.values()].filter(({ $type }) => $type === name).length,
      )
      expect(url).toBe(`${caller.context}/${name}`)
    }
    const after = String(Math.max(overview.events - 100, 0))
    const { results } = await read<Events>(stub, caller, { read: 'events', parameters: { after, limit: '100' } })
    const wanted = results.slice(-10).toReversed()
    expect(overview.latest).toEqual(
      wanted.map(({ id, seq, type, target, version, timestamp, actor, data }) => {
        const name = [data['name'], data['title'], data['subject']].find((value) => typeof value === 'string')
        const named = name === undefined ? {} : { name: [...name].slice(0, 80).join('') }
        const url = `${caller.context}/${type.slice(0, type.indexOf('.'))}/${target}`
        return { id, seq, type, target, ...named, version, timestamp, actor, url }
      }),
    )
    listed += overview.latest.length
    hidden += world.size - visible.size
  }
  expect(Math.min(hidden, listed)).toBeGreaterThan(20)
})

const context = 'http://localhost/~seen'
const caller = { tenant: 'seen', context, authority: fullAuthority('anonymous'), via: 'rest' } as const
const newTenant = () => env.TENANTS.get(env.TENANTS.newUniqueId())

test('a tenant without events has all entity types, each with a count of 0, and no beginning', async () => {
  const overview = await read<Overview>(newTenant(), caller, { read: 'overview' })
  expect(overview).toMatchObject({ $type: 'Overview', tenant: 'seen', context, began: null, events: 0, latest: [] })
  expect(overview.entities).toHaveLength(35)
  expect(new Set(overview.entities.map(({ count }) => count))).toEqual(new Set([0]))
})

test('the newest events are listed even if ten of them are too large for one page', async () => {
  const stub = newTenant()
  for (let at = 0; at < 12; at++) {
    const body = JSON.stringify({ title: `${at}`, body: 'x'.repeat(600_000) })
    expect((await askWrite(stub, caller, { noun: 'Content', verb: 'create', body })).ok).toBe(true)
  }
  const { latest, began } = await read<Overview>(stub, caller, { read: 'overview' })
  expect(latest.map(({ seq }) => seq)).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3])
  const { results } = await read<Events>(stub, caller, { read: 'events', parameters: { limit: '1' } })
  expect(began).toBe(results[0]?.timestamp)
})

test('a host with a lens shows its entity types and the own ones of the tenant', async () => {
  const stub = newTenant()
  const body = JSON.stringify({ fields: { name: 'string!' } })
  expect((await askWrite(stub, caller, { noun: 'Vehicle', verb: 'schema.put', body })).ok).toBe(true)
  const overview = await read<Overview>(
    stub,
    { ...caller, lens: { entities: ['Deal', 'Contact'], labels: { Contact: 'Patient' } } },
    { read: 'overview' },
  )
  expect(overview.entities.map(({ name, label }) => [name, label])).toEqual([
    ['Deal', undefined],
    ['Contact', 'Patient'],
    ['Vehicle', undefined],
  ])
  const [defined] = overview.latest
  expect(defined?.url).toBe(`${context}/events/${defined?.id}`)
})
