// A Noun that a company puts on a running server, on every interface within 5 s and without a restart, and all of it
// again after the server was killed.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Manifest, parseManifest } from '@dotdo/db'
import { expect, test } from 'vitest'
import { hasDuckDB, openDuckDB } from '../../../packages/@dotdo/db/test/duckdb.ts'
import { killServer, sleep } from '../../../soak/kill-server.ts'
import { useServer } from './server.ts'

const { call, url, server, dataFolder } = useServer({ flush: { intervalMs: 200 } })
const t = 'fleet'
const promisedMs = 5_000

const vehicle = {
  about: 'A vehicle of the fleet.',
  fields: {
    name: 'string!',
    plate: 'string!##',
    seats: 'integer(1..60) = 5',
    tags: 'string[]#',
    mood: 'Calm | Busy = Calm',
    owner: '-> Organization.vehicles',
    drivers: '-> Contact.drives[]',
    drive: 'Driven',
  },
  descriptions: { seats: 'Seats without the driver.' },
  state: 'mood',
  transitions: [
    { from: ['Calm'], verb: 'drive', to: 'Busy' },
    { from: [], verb: 'create', to: 'Calm' },
  ],
  effects: { drive: { sets: { mood: { kind: 'literal', value: 'Busy' } } } },
}

interface Fleet {
  readonly bus: string
  readonly van: string
  readonly acme: string
  readonly ada: string
  /** Before `seats` was taken away. */
  readonly before: string
}

test('a Vehicle is put, used, changed and read on every interface, and again after kill -9', async () => {
  const startedMs = Date.now()
  const fleet = await putFleet()
  await expectRest(fleet)
  await expectEvents(fleet)
  await expectParquet(fleet)
  await expectCode()
  expect(Date.now() - startedMs).toBeLessThan(promisedMs)
  const changed = await changeDefinition(fleet)
  await expectPast(changed)
  for (let kill = 0; kill < 2; kill++) {
    await killServer(server())
    await expectRest(fleet)
    await expectEvents(fleet)
    await expectParquet(fleet)
    await expectCode()
    await expectPast(changed)
  }
  expect((await call('POST', `/~${t}/lake/verify`)).body).toMatchObject({ isWhole: true, faults: [] })
  await call('POST', `/~${t}/lake/rebuild`)
  await expectRest(fleet)
  await expectPast(changed)
  expect((await call('POST', `/~${t}/lake/verify`)).body).toMatchObject({ isWhole: true, faults: [] })
}, 60_000)

async function putFleet(): Promise<Fleet> {
  const put = await call('PUT', `/~${t}/schema/Vehicle`, vehicle)
  expect([put.status, put.body]).toMatchObject([201, { name: 'Vehicle', definition: vehicle }])
  const create = async (noun: string, fields: object): Promise<string> => {
    const { status, body } = await call('POST', `/~${t}/${noun}`, fields)
    expect([status, body]).toMatchObject([201, fields])
    return String(body['$id'])
  }
  const acme = await create('Organization', { name: 'Acme' })
  const ada = await create('Contact', { name: 'Ada' })
  const bus = await create('Vehicle', {
    name: 'Bus',
    plate: 'B 1',
    seats: 40,
    tags: ['red', 'old'],
    owner: acme,
    drivers: [ada],
  })
  const van = await create('Vehicle', { name: 'Van', plate: 'V 1', tags: ['red'], owner: acme })
  expect((await call('POST', `/~${t}/Vehicle/${bus}/drive`, {})).body).toMatchObject({ mood: 'Busy', $version: 2 })
  const again = await call('POST', `/~${t}/Vehicle/${bus}/drive`, {})
  expect([again.status, again.headers.get('x-headlessly-changed')]).toEqual([200, 'false'])
  expect((await call('POST', `/~${t}/Vehicle`, { name: 'Bad', plate: 'X', seats: 99 })).status).toBe(422)
  expect((await call('POST', `/~${t}/Vehicle`, { name: 'Twin', plate: 'B 1' })).status).toBe(409)
  await call('POST', `/~${t}/lake/flush`)
  return { bus, van, acme, ada, before: new Date().toISOString() }
}

async function expectRest({ bus, van, acme, ada }: Fleet): Promise<void> {
  for (const mode of ['', '&strong=true']) {
    const list = async (query: string): Promise<unknown> => (await call('GET', `/~${t}/Vehicle?${query}${mode}`)).body
    expect(await list('sort=name&include=owner,drivers')).toMatchObject({
      total: 2,
      results: [
        { $id: bus, owner: { $id: acme }, drivers: [{ $id: ada }] },
        { $id: van, owner: { $id: acme } },
      ],
    })
    expect(await list('tags=old')).toMatchObject({ total: 1, results: [{ $id: bus }] })
    expect(await list('tags=red&sort=-name')).toMatchObject({ total: 2, results: [{ $id: van }, { $id: bus }] })
    expect((await call('GET', `/~${t}/Vehicle/count?owner.name=Acme${mode}`)).body).toEqual({ count: 2 })
    expect((await call('GET', `/~${t}/Organization/${acme}?include=vehicles${mode}`)).body).toMatchObject({
      vehicles: [{ $id: van }, { $id: bus }],
    })
    expect((await call('GET', `/~${t}/Contact/${ada}?include=drives${mode}`)).body).toMatchObject({
      drives: [{ $id: bus }],
    })
  }
  const { body: document } = await call('GET', `/~${t}/openapi`)
  const { paths, components } = document as { paths: object; components: { schemas: object } }
  expect(Object.keys(paths)).toEqual(expect.arrayContaining(['/Vehicle', '/Vehicle/{id}', '/Vehicle/{id}/drive']))
  expect(Object.keys(components.schemas)).toEqual(expect.arrayContaining(['Vehicle', 'VehicleCreate']))
  expect(Object.keys((await call('GET', `/~${t}/schema?defined=true`)).body)).toEqual(['Vehicle'])
}

/** The log as a page, and live from its start. */
async function expectEvents({ bus }: Fleet): Promise<void> {
  const page = await call('GET', `/~${t}/events?type=Vehicle.*&limit=3`)
  expect(page.body['results']).toMatchObject([
    { type: 'Vehicle.Created', target: bus, data: { seats: 40 } },
    { type: 'Vehicle.Created' },
    { type: 'Vehicle.Driven', target: bus },
  ])
  const live = await fetch(`${url()}/~${t}/events?type=Vehicle.Driven&after=0`, {
    headers: { accept: 'text/event-stream' },
  })
  let text = ''
  for await (const part of live.body ?? []) {
    text += new TextDecoder().decode(part)
    if (text.includes('Vehicle.Driven')) break
  }
  expect(text).toContain(bus)
}

async function expectParquet({ bus, van }: Fleet): Promise<void> {
  if (!hasDuckDB) return
  const lake = join(dataFolder, 'lake')
  const manifest: Manifest = parseManifest(readFileSync(join(lake, t, 'manifest.json'), 'utf8'), 'manifest')
  expect(manifest.definitions.map(({ name }) => name)).toContain('Vehicle')
  const { base = [], deltas = [] } = manifest.nouns['Vehicle'] ?? {}
  const files = [...base, ...deltas].map(({ key }) => `'${join(lake, key)}'`).join(', ')
  const duck = await openDuckDB()
  const reader = await duck.runAndReadAll(
    `SELECT "$id", "name", "tags", "drivers" FROM read_parquet([${files}], union_by_name = true)
     QUALIFY row_number() OVER (PARTITION BY "$id" ORDER BY "$seq" DESC) = 1 ORDER BY "name"`,
  )
  expect(reader.getRowObjectsJson()).toMatchObject([
    { $id: bus, name: 'Bus', tags: ['red', 'old'] },
    { $id: van, name: 'Van', tags: ['red'], drivers: null },
  ])
}

/** Code next to the data knows the entity type as soon as its definition is there. */
async function expectCode(): Promise<void> {
  const { status, body } = await call('POST', `/~${t}/do`, { code: `($) => $.Vehicle.count({ tags: 'red' })` })
  expect([status, body]).toMatchObject([200, { result: 2 }])
}

async function changeDefinition(fleet: Fleet): Promise<Fleet> {
  const { bus, van } = fleet
  const before = new Date().toISOString()
  await sleep(5)
  for (const id of [bus, van]) await call('PATCH', `/~${t}/Vehicle/${id}`, { seats: null })
  const { seats: _, ...fields } = vehicle.fields
  const { descriptions: __, ...others } = vehicle
  const put = await call('PUT', `/~${t}/schema/Vehicle`, { ...others, fields: { ...fields, wheels: 'integer?' } })
  expect(put.status).toBe(200)
  expect((await call('PATCH', `/~${t}/Vehicle/${bus}`, { wheels: 6 })).status).toBe(200)
  return { ...fleet, before }
}

async function expectPast({ bus, before }: Fleet): Promise<void> {
  const then = `asOf=${before}`
  expect((await call('GET', `/~${t}/Vehicle/${bus}?${then}`)).body).toMatchObject({ seats: 40, $version: 2 })
  expect((await call('GET', `/~${t}/Vehicle?seats=40&${then}`)).body).toMatchObject({ total: 1 })
  expect((await call('GET', `/~${t}/Vehicle/count?wheels=6&${then}`)).status).toBe(400)
  expect((await call('GET', `/~${t}/Vehicle/count?wheels=6&strong=true`)).body).toEqual({ count: 1 })
  expect((await call('GET', `/~${t}/Vehicle/count?seats=40&strong=true`)).status).toBe(400)
}

test.each([
  ['A | B', 'A', 'B', 'B | C', 'one of B, C'],
  ['integer', 50, 1, 'integer(0..9)', 'a whole number from 0 to 9'],
  ['string', 'x', 'a@b.co', 'email', 'an email address'],
  ['(A | B)[]', ['A'], ['B'], '(B | C)[]', 'one of B, C'],
  ['string', null, 'x', 'string!', 'is required'],
])('a rollback of %s %j restores no value that today’s definition refuses', async (...given) => {
  const [before, first, second, after, message] = given
  const schema = `/~rules/schema/Rule`
  await call('PUT', schema, { fields: { n: 'string' } })
  expect((await call('PUT', schema, { fields: { n: before } })).status).toBe(200)
  const created = await call('POST', '/~rules/Rule', { n: first })
  const path = `/~rules/Rule/${String(created.body['$id'])}`
  expect((await call('PATCH', path, { n: second })).status).toBe(200)
  expect((await call('PUT', schema, { fields: { n: after } })).status).toBe(200)
  const refused = await call('POST', `${path}/rollback`, { version: 1 })
  expect([refused.status, refused.body]).toMatchObject([422, { code: 'validation_error' }])
  expect(refused.body['detail']).toContain(message)
  expect((await call('GET', `${path}?strong=true`)).body).toMatchObject({ $version: 2, n: second })
  await call('DELETE', path)
  expect((await call('POST', '/~rules/lake/verify')).body).toMatchObject({ isWhole: true, faults: [] })
})

test('a verb cannot give a field a value that it refuses, so files can always be written', async () => {
  const put = (value: string) =>
    call('PUT', '/~effects/schema/Task', {
      fields: { at: 'datetime', go: 'Gone' },
      effects: { go: { sets: { at: { kind: 'literal', value } } } },
    })
  expect((await put('tomorrow')).body).toMatchObject({ code: 'invalid_definition', field: 'at' })
  expect((await put('2026-01-15')).status).toBe(201)
  const { body } = await call('POST', '/~effects/Task', {})
  const gone = await call('POST', `/~effects/Task/${String(body['$id'])}/go`, {})
  expect(gone.body).toMatchObject({ at: '2026-01-15T00:00:00.000Z' })
  expect((await call('POST', '/~effects/lake/flush')).status).toBe(200)
})
