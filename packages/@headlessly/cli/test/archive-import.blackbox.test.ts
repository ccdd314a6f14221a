// The entities of an archive in a tenant that has data, against the server that ships.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { useSharedServer } from '../../../../apps/headless.ly/test/server.ts'
import { makeCli } from './cli.ts'

const { call, url, tenant } = useSharedServer()
const cli = makeCli()

type Json = Readonly<Record<string, unknown>>

async function made(t: string, path: string, body: object): Promise<Json> {
  const answer = await call('POST', `/~${t}${path}`, body)
  expect([answer.status, answer.body], path).toEqual([201, answer.body])
  return answer.body
}

async function all(t: string, noun: string): Promise<readonly Json[]> {
  const { body } = await call('GET', `/~${t}/${noun}?limit=100&strong=true&sort=$id`)
  return body['results'] as Json[]
}

async function ids(t: string): Promise<readonly unknown[]> {
  const found = await Promise.all(['Organization', 'Contact', 'Deal', 'Asset'].map((noun) => all(t, noun)))
  return found.flat().map((one) => one['$id'])
}

interface Plan {
  readonly ships: readonly { readonly captain: number }[]
  readonly crew: readonly { readonly ship: number; readonly mentor: number }[]
}

const plan: fc.Arbitrary<Plan> = fc.record({
  ships: fc.array(fc.record({ captain: fc.nat({ max: 9 }) }), { minLength: 1, maxLength: 4 }),
  crew: fc.array(fc.record({ ship: fc.nat({ max: 9 }), mentor: fc.nat({ max: 9 }) }), { minLength: 1, maxLength: 6 }),
})

/** A tenant with types of its own that refer to each other, relations, deletions and a file. */
async function fill(
  t: string,
  { ships, crew }: Plan,
): Promise<{ readonly organization: Json; readonly file: Uint8Array<ArrayBuffer> }> {
  const define = async (noun: string, fields: Json): Promise<void> =>
    expect((await call('PUT', `/~${t}/schema/${noun}`, { fields })).status).toBeLessThan(300)
  await define('Ship', { name: 'string!' })
  await define('Crew', { name: 'string!', ship: '-> Ship.crew', mentors: '-> Crew.pupils[]' })
  await define('Ship', { name: 'string!', captain: '-> Crew.commands' })
  await call('PATCH', `/~${t}/schema/Contact`, { fields: { shoeSize: 'number?' } })
  const organization = await made(t, '/Organization', { name: 'Engines' })
  const ada = await made(t, '/Contact', {
    name: 'Ada',
    email: 'ada@example.com',
    organization: organization['$id'],
    shoeSize: 38,
  })
  const bob = await made(t, '/Contact', { name: 'Bob', email: 'bob@example.com', organization: organization['$id'] })
  const deal = await made(t, '/Deal', {
    name: 'Engine',
    contact: ada['$id'],
    organization: organization['$id'],
    value: 5,
  })
  await made(t, '/Deal', { name: 'Other', contact: bob['$id'], value: 7 })
  await call('PATCH', `/~${t}/Deal/${String(deal['$id'])}`, { value: 6 })
  const gone = await made(t, '/Contact', { name: 'Gone', email: 'gone@example.com' })
  await call('DELETE', `/~${t}/Contact/${String(gone['$id'])}`)
  const file = Uint8Array.from({ length: 5_000 }, (_, at) => (at * 7) & 255)
  const sent = await fetch(`${url()}/~${t}/files?filename=scan.bin&attachedTo=${String(deal['$id'])}`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: file,
  })
  expect(sent.status).toBe(201)
  const sailors: Json[] = []
  for (const at of crew.keys()) sailors.push(await made(t, '/Crew', { name: `crew ${at}` }))
  const fleet: Json[] = []
  for (const [at, { captain }] of ships.entries())
    fleet.push(await made(t, '/Ship', { name: `ship ${at}`, captain: sailors[captain % sailors.length]?.['$id'] }))
  for (const [at, { ship, mentor }] of crew.entries())
    await call('PATCH', `/~${t}/Crew/${String(sailors[at]?.['$id'])}`, {
      ship: fleet[ship % fleet.length]?.['$id'],
      mentors: [sailors[mentor % sailors.length]?.['$id']],
    })
  return { organization, file }
}

/** The entities by name, with names in place of ids. */
async function named(t: string): Promise<Json> {
  const nouns = ['Organization', 'Contact', 'Deal', 'Ship', 'Crew', 'Asset'] as const
  const found = await Promise.all(nouns.map(async (noun) => [noun, await all(t, noun)] as const))
  const names = new Map(found.flatMap(([, some]) => some.map((one) => [one['$id'], one['name']])))
  const nameOf = (value: unknown): unknown => (Array.isArray(value) ? value.map(nameOf) : (names.get(value) ?? value))
  return Object.fromEntries(
    found.map(([noun, some]) => [
      noun,
      Object.fromEntries(
        some.map((one) => [
          one['name'],
          Object.fromEntries(
            Object.entries(one)
              .filter(([field]) => !/^\$|^(?:url|file)$/.test(field))
              .map(([field, value]) => [field, nameOf(value)]),
          ),
        ]),
      ),
    ]),
  )
}

test('the entities of any archive come into a tenant with data: ids that are new stay, others are mapped, references and files follow', async () => {
  const [seed] = fc.sample(fc.nat(), 1)
  console.log(`seed ${seed}`)
  const [chosen = { ships: [], crew: [] }] = fc.sample(plan, { numRuns: 1, ...(seed === undefined ? {} : { seed }) })
  const [from, into] = [tenant(), tenant()]
  const { organization, file } = await fill(from, chosen)
  const archive = join(cli.folder, 'acme.tar')
  writeFileSync(archive, new Uint8Array(await (await fetch(`${url()}/~${from}/archive`)).arrayBuffer()))

  // An id of the archive is that of another entity here, and so is an email.
  const row = `{"$id":"${String(organization['$id'])}","name":"Another"}\n`
  const sent = await fetch(`${url()}/~${into}/import/Organization?ids=keep`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: row,
  })
  expect(sent.status).toBe(202)
  await expect.poll(async () => (await all(into, 'Organization')).length, { timeout: 10_000 }).toBe(1)
  const bob = await made(into, '/Contact', { name: 'Bob', email: 'bob@example.com', title: 'Here before' })

  Object.assign(cli.env, { HEADLESSLY_ENDPOINT: url(), HEADLESSLY_TENANT: into })
  const before = await ids(into)
  const tried = await cli('archive', 'import', archive, '--dry-run', '--json')
  const types = (JSON.parse(tried.stdout) as { readonly types: readonly Json[] }).types
  expect([tried.code, await ids(into)]).toEqual([0, before])
  const done = await cli('archive', 'import', archive, '--json')
  expect([done.code, done.stderr]).toEqual([0, ''])
  const move = JSON.parse(done.stdout) as { readonly types: readonly Json[]; readonly jobs: readonly string[] }
  expect(move.types).toEqual(types)
  expect(move.types).toEqual(
    expect.arrayContaining([
      { type: 'Organization', new: 0, mapped: 1, moved: 0, here: 0, refused: 0 },
      { type: 'Contact', new: 1, mapped: 0, moved: 0, here: 1, refused: 0 },
      { type: 'Deal', new: 2, mapped: 0, moved: 0, here: 0, refused: 0 },
      { type: 'Asset', new: 1, mapped: 0, moved: 0, here: 0, refused: 0 },
    ]),
  )
  const [original, moved] = [await named(from), await named(into)]
  expect(moved).toEqual({
    ...original,
    Organization: { ...(original['Organization'] as Json), Another: expect.anything() as unknown },
    // An entity that was here stays as it is.
    Contact: { ...(original['Contact'] as Json), Bob: expect.objectContaining({ title: 'Here before' }) as unknown },
  })
  const deals = new Map((await all(into, 'Deal')).map((deal) => [deal['name'], deal]))
  expect(deals.get('Other')?.['contact']).toBe(bob['$id'])
  expect(deals.get('Engine')?.['$id']).toBe((await all(from, 'Deal')).find(({ name }) => name === 'Engine')?.['$id'])
  const [asset] = await all(into, 'Asset')
  const bytes = await fetch(`${url()}/~${into}/files/${String(asset?.['$id'])}`)
  expect(new Uint8Array(await bytes.arrayBuffer())).toEqual(file)

  // The time of creation is the time at which the first event here happened.
  const createdAt = new Map((await all(from, 'Crew')).map((one) => [one['name'], one['$createdAt']]))
  for (const one of await all(into, 'Crew')) {
    const first = (await call('GET', `/~${into}/events?entity=${String(one['$id'])}&limit=1`)).body['results'] as Json[]
    expect(first[0]?.['effective']).toBe(createdAt.get(one['name']))
  }

  // A repetition changes nothing.
  const events = async (): Promise<unknown> => (await call('GET', `/~${into}/status?strong=true`)).body['events']
  const count = await events()
  const again = await cli('archive', 'import', archive, '--json')
  expect([again.code, again.stderr, await events()]).toEqual([0, '', count])
  expect((JSON.parse(again.stdout) as { types: Json[] }).types.map((type) => [type['new'], type['mapped']])).toEqual(
    move.types.map(() => [0, 0]),
  )
  for (const job of move.jobs.toReversed()) expect((await cli('undo', '--job', job)).code).toBe(0)
  expect(await ids(into)).toEqual(before)
})

test('a file that is no archive, or not whole, is refused, and nothing changes', async () => {
  const t = tenant()
  await made(t, '/Contact', { name: 'Ada' })
  Object.assign(cli.env, { HEADLESSLY_ENDPOINT: url(), HEADLESSLY_TENANT: t })
  const whole = new Uint8Array(await (await fetch(`${url()}/~${t}/archive`)).arrayBuffer())
  const file = join(cli.folder, 'wrong.tar')
  for (const bytes of [new TextEncoder().encode('no tar'), whole.slice(0, 1_500), new Uint8Array()]) {
    writeFileSync(file, bytes)
    const refused = await cli('archive', 'import', file)
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(/is no (?:whole )?archive/)])
  }
  expect((await cli('archive', 'import', join(cli.folder, 'none.tar'))).stderr).toContain('file not found')
  expect((await cli('archive', 'load', file)).stderr).toContain('archive expects import')
  expect(await ids(t)).toHaveLength(1)
})
