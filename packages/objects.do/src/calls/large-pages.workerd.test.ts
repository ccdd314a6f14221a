// Pages and includes of large entities: cut by size, at the same places from every source, and never silently.

import { env } from 'cloudflare:test'
import { MemoryObjectStore } from '@dotdo/db'
import { fullAuthority, type Parameters } from 'digital-objects'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { askTenant, parseAnswer } from 'objects.do'
import { ask, askRead, askWrite, type ReadGiven, toRead } from '../../test/ask-tenant.ts'
import { makeFileCache, putTenantFiles } from '../../test/tenant-files.ts'
import { builtInSchemas } from '../entities/built-in-nouns.ts'
import type { FilesParts } from '../files/files-parts.ts'
import { answerFromFiles } from './answer-from-files.ts'

interface Row {
  readonly $id: string
  readonly name: string
  readonly deals?: readonly Row[]
  readonly $more?: unknown
}
interface Page {
  readonly results: readonly Row[]
  readonly total: number
  readonly hasMore: boolean
  readonly cursor: string | null
}

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))
const bodyCharactersMax = 4 * 2 ** 20 + 1_000
const caller = {
  tenant: 'large',
  context: 'http://localhost/~large',
  authority: fullAuthority('anonymous'),
  via: 'rest',
} as const
const stub = env.TENANTS.get(env.TENANTS.newUniqueId())
let files: FilesParts

async function create(noun: string, body: object): Promise<string> {
  const answer = await askWrite(stub, caller, { noun, verb: 'create', body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(answer.error.message)
  return answer.createdId ?? ''
}

async function fromObject(call: ReadGiven): Promise<string> {
  const answer = await askRead(stub, caller, call)
  if (!answer.ok) throw new Error(answer.error.message)
  return answer.body
}

async function fromFiles(call: ReadGiven): Promise<string | undefined> {
  return (await answerFromFiles(files, { caller, call: toRead(call) }))?.body
}

/** Pages to the end. Returns the body of each page with the parameters that asked for it. */
async function pagesOf(noun: string, parameters: Parameters): Promise<{ call: ReadGiven; body: string; page: Page }[]> {
  const pages: { call: ReadGiven; body: string; page: Page }[] = []
  for (let cursor: string | null = null; pages.length < 1_000;) {
    const call = { read: 'find', noun, parameters: { ...parameters, ...(cursor === null ? {} : { cursor }) } }
    const body = await fromObject(call)
    const page = JSON.parse(body) as Page
    pages.push({ call, body, page })
    if (!page.hasMore) return pages
    expect(page.cursor).not.toBeNull()
    cursor = page.cursor
  }
  throw new Error('the pages have no end')
}

const sizes = fc.sample(fc.constantFrom(10, 60_000, 250_000, 480_000), { seed, numRuns: 50 })
let pipelines: { readonly many: string; readonly exact: string; readonly big: string }

beforeAll(async () => {
  const organization = await create('Organization', { name: 'Big', metadata: { text: 'o'.repeat(400_000) } })
  for (const [at, size] of sizes.entries()) {
    // Escapes make JSON longer than the text, and every seventh text needs two bytes a character.
    const text = (at % 7 === 0 ? 'ж' : at % 5 === 0 ? '"' : 'x').repeat(at % 5 === 0 ? size / 2 : size)
    await create('Contact', { name: `${(at * 37) % 50}`, organization, metadata: { text } })
  }
  const deals = async (count: number, size: number): Promise<string> => {
    const pipeline = await create('Pipeline', { name: `${count}` })
    for (let at = 0; at < count; at++)
      await create('Deal', { name: `${at}`, value: at, pipeline, metadata: { text: 'd'.repeat(size) } })
    return pipeline
  }
  pipelines = { many: await deals(130, 10), exact: await deals(100, 10), big: await deals(6, 300_000) }
  const store = new MemoryObjectStore()
  const manifest = await putTenantFiles({ store, stub, caller, cuts: [0.5, 0.8] })
  files = { store, manifest, cache: makeFileCache(), builtIn: builtInSchemas }
}, 60_000)

describe(`seed ${seed}`, () => {
  test.each([
    {},
    { sort: 'name' },
    { sort: '-name', fields: 'name' },
    { include: 'organization' },
    { include: 'organization', fields: 'name,organization' },
    { filter: '{"name":{"$gt":"3"}}', sort: '$id', count: 'exact' },
  ] as Parameters[])('pages with %j are cut by size, at the same places from object and files', async (parameters) => {
    const limit = { limit: '100', ...parameters }
    const pages = await pagesOf('Contact', limit)
    for (const { call, body } of pages) {
      expect(body.length).toBeLessThanOrEqual(bodyCharactersMax)
      // Too many large includes are left to the object.
      const ours = await fromFiles(call)
      if (ours !== undefined || parameters['include'] === undefined) expect(ours === body).toBe(true)
    }
    const whole = new Set(pages.flatMap(({ page }) => page.results.map(({ $id }) => $id)))
    expect(whole.size).toBe(pages[0]?.page.total)
    expect(pages.reduce((sum, { page }) => sum + page.results.length, 0)).toBe(whole.size)
    const inPast = await pagesOf('Contact', { ...limit, asOf: new Date().toISOString() })
    expect(inPast.map(({ page }) => page.results)).toEqual(pages.map(({ page }) => page.results))
  })
})

test('a search by relevance or by pattern is cut by size too', async () => {
  for (const filter of ['{"name":{"$regex":"^[0-9]+$"}}', '{"$text":"x"}']) {
    const answer = await askRead(stub, caller, { read: 'find', noun: 'Contact', parameters: { limit: '100', filter } })
    if (!answer.ok) throw new Error(answer.error.message)
    expect(answer.body.length).toBeLessThanOrEqual(bodyCharactersMax)
  }
})

test('the list at the start of a pipeline is not cut like a page', async () => {
  const answer = await ask(stub, caller, {
    kind: 'pipeline',
    read: 'find',
    noun: 'Contact',
    parameters: { limit: '50' },
    steps: [{ step: 'member', name: 'length' }],
  })
  expect(answer).toMatchObject({ ok: true, body: '{"value":50}' })
})

test.each([
  ['many', 100, true],
  ['exact', 100, false],
  // Three of 300 KB fit into an included list.
  ['big', 3, true],
] as const)('a list that include cuts says so: %s', async (name, included, isCut) => {
  const id = pipelines[name]
  const more = isCut ? { deals: { noun: 'Deal', filter: { pipeline: id } } } : undefined
  const asOf = new Date().toISOString()
  const getting = (parameters: Parameters): ReadGiven => ({
    read: 'get',
    noun: 'Pipeline',
    id,
    parameters: { include: 'deals', ...parameters },
  })
  const expected = await fromObject(getting({}))
  const bodies = [
    expected,
    await fromFiles(getting({})),
    await fromObject(getting({ asOf })),
    await fromObject(getting({ fields: 'name' })),
  ]
  for (const body of bodies) {
    const { deals = [], $more } = JSON.parse(body ?? '{}') as Row
    expect([deals.length, $more]).toEqual([included, more])
  }
  expect(bodies[1]).toBe(expected)
  const filter = JSON.stringify({ pipeline: id })
  const all = JSON.parse(
    await fromObject({ read: 'find', noun: 'Deal', parameters: { filter, count: 'exact' } }),
  ) as Page
  expect(all.total > included).toBe(isCut)
  // What was read can be sent back.
  const update = { noun: 'Pipeline', verb: 'update', id, body: JSON.stringify({ name, $more: more ?? {} }) }
  expect(await askWrite(stub, caller, update)).toMatchObject({ ok: true })
})

test('a message of many writes with large answers makes all of them, and says which answers are left out', async () => {
  const text = 'ж'.repeat(400_000)
  const id = await create('Contact', { name: 'Large', metadata: { text } })
  const calls = Array.from({ length: 60 }, (_, at) => ({
    kind: 'write' as const,
    noun: 'Contact',
    verb: 'update',
    id,
    body: JSON.stringify({ title: `${at}` }),
    idempotencyKey: `large-${at}`,
  }))
  const answers = ((await askTenant(stub, { caller, calls })) ?? []).map(parseAnswer)
  const done = answers.filter(({ ok }) => ok)
  const left = answers.flatMap((answer) => (answer.ok ? [] : [answer.error]))
  expect(done.length).toBeGreaterThan(20)
  expect(left.length).toBe(60 - done.length)
  for (const error of left) expect(error).toMatchObject({ code: 'overloaded', detail: { written: true } })
  const last = calls.at(-1)
  const again = last === undefined ? undefined : await ask(stub, caller, last)
  expect(again).toMatchObject({ ok: true, isReplay: true })
  const entity = await fromObject({ read: 'get', noun: 'Contact', id, parameters: { fields: '$version,title' } })
  expect(JSON.parse(entity)).toMatchObject({ $version: 61, title: '59' })
})
