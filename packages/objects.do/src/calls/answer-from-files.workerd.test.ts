// Files give the same answers as the tenant's object to generated requests, and each continues the pages of the other.

import { type EntityRow, type Manifest, MemoryObjectStore } from '@dotdo/db'
import {
  type Entity,
  type NounSchema,
  nouns,
  ObjectError,
  type ObjectErrorData,
  type Parameters,
} from 'digital-objects'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { putLayers } from '../../../@dotdo/db/test/tenant-layers.ts'
import {
  caller,
  filterOf,
  type GeneratedTenant,
  type Kind,
  kinds,
  makeTenant,
  sortOf,
} from '../../test/generated-tenant.ts'
import { askRead, type ReadGiven, toRead } from '../../test/ask-tenant.ts'
import { makeFileCache, putTenantFiles } from '../../test/tenant-files.ts'
import { builtInSchemas } from '../entities/built-in-nouns.ts'
import type { FilesParts } from '../files/files-parts.ts'
import { answerFromFiles } from './answer-from-files.ts'

interface Outcome {
  readonly body?: string
  readonly version?: number | undefined
  readonly error?: ObjectErrorData
}

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))
let tenant: GeneratedTenant
let files: FilesParts
beforeAll(async () => {
  tenant = await makeTenant(seed)
  const store = new MemoryObjectStore()
  const manifest = await putTenantFiles({ store, stub: tenant.stub, caller, cuts: [0.4, 0.7, 0.9] })
  files = { store, manifest, cache: makeFileCache(), builtIn: builtInSchemas }
})

async function fromObject(call: ReadGiven): Promise<Outcome> {
  const answer = await askRead(tenant.stub, caller, call)
  return answer.ok ? { body: answer.body, version: answer.version } : { error: answer.error }
}

/** Returns undefined if the object has to answer. */
async function fromFiles(call: ReadGiven): Promise<Outcome | undefined> {
  try {
    const result = await answerFromFiles(files, { caller, call: toRead(call) })
    return result === undefined ? undefined : { body: result.body, version: result.version }
  } catch (error) {
    if (!(error instanceof ObjectError)) throw error
    return { error: error.toData() }
  }
}

async function expectSame(call: ReadGiven): Promise<'files' | 'refused' | 'object'> {
  const [object, ours] = [await fromObject(call), await fromFiles(call)]
  if (ours === undefined) return 'object'
  expect(ours, JSON.stringify(call)).toEqual(object)
  return ours.error === undefined ? 'files' : 'refused'
}

const includesOf: Readonly<Record<Kind, readonly string[]>> = {
  Organization: ['contacts', 'deals', 'subscriptions', 'contacts.deals.activities', 'deals.contact.organization'],
  Contact: ['organization', 'deals', 'activities', 'leads', 'organization.contacts.deals', 'deals.owner'],
  Deal: ['contact', 'organization', 'owner', 'activities', 'owner.deals.activities', 'contact.organization'],
  Activity: ['contact', 'deal', 'deal.activities.contact', 'contact.organization', 'contact.reports'],
}
const fieldsOf: Readonly<Record<Kind, readonly string[]>> = {
  Organization: ['name', 'industry', 'metadata', '$createdAt'],
  Contact: ['name', 'leadScore', 'lastEngagement', 'organization', '$version', 'nmae'],
  Deal: ['value', 'expectedCloseDate', '$context'],
  Activity: ['subject', 'allDay', 'deals'],
}

const some = (names: readonly string[]): fc.Arbitrary<string> =>
  fc.subarray([...names], { minLength: 1 }).map((chosen) => chosen.join(','))
const maybe = (name: string, value: fc.Arbitrary<string>): fc.Arbitrary<Parameters> =>
  fc.option(
    value.map((text): Parameters => ({ [name]: text })),
    { nil: {}, freq: 2 },
  )

/** Generates parameters, some of them wrong. */
function parametersOf(kind: Kind): fc.Arbitrary<Parameters> {
  const parts: fc.Arbitrary<Parameters>[] = [
    maybe(
      'filter',
      filterOf(kind).map((filter) => JSON.stringify(filter)),
    ),
    maybe('sort', fc.constantFrom(...sortOf[kind], '$id', '-$id', '$createdBy,-$updatedAt', 'nonsense')),
    maybe(
      'limit',
      fc.oneof(
        { weight: 20, arbitrary: fc.integer({ min: 1, max: 40 }).map(String) },
        fc.constantFrom('0', '101', 'x'),
      ),
    ),
    maybe('include', some(includesOf[kind])),
    maybe('fields', some(fieldsOf[kind])),
    maybe('count', fc.constantFrom('exact', 'exact', 'exact', 'guess')),
    maybe(kind === 'Contact' ? 'stage' : '$version', fc.constantFrom('Lead', 'Qualified', '1', '2')),
  ]
  return fc.tuple(...parts).map((chosen): Parameters => Object.assign({}, ...chosen))
}

const idsOf = async (kind: Kind): Promise<readonly string[]> => {
  const { body = '' } = await fromObject({ read: 'find', noun: kind, parameters: { limit: '100' } })
  return (JSON.parse(body) as { results: readonly Entity[] }).results.map(({ $id }) => $id)
}

describe(`seed ${seed}`, () => {
  test('lists and counts have the same bodies and refusals as the object', async () => {
    const answered = { files: 0, refused: 0, object: 0 }
    for (const kind of kinds) {
      for (const parameters of fc.sample(parametersOf(kind), { seed, numRuns: Number(process.env['RUNS'] ?? 12) })) {
        answered[await expectSame({ read: 'find', noun: kind, parameters })]++
        const names = ['filter', 'asOf', 'strong', 'stage', '$version']
        const condition = Object.fromEntries(Object.entries(parameters).filter(([name]) => names.includes(name)))
        answered[await expectSame({ read: 'count', noun: kind, parameters: condition })]++
      }
    }
    // The object answers $text and $regex, and refuses requests that a newer definition might allow.
    expect(answered.files, JSON.stringify(answered)).toBeGreaterThan(answered.object)
  })

  test('every entity has the same body and version, also with includes and fields; deleted ones are left to the object', async () => {
    const { world } = tenant.history.at(-1) ?? { world: new Map<string, Entity>() }
    let asked = 0
    for (const kind of kinds) {
      for (const id of await idsOf(kind)) {
        expect(world.has(id)).toBe(true)
        // A third of the entities is asked for, which differs from run to run.
        if (++asked % 3 !== seed % 3) continue
        expect(await expectSame({ read: 'get', noun: kind, id, parameters: {} })).toBe('files')
        const include = includesOf[kind].join(',')
        expect(await expectSame({ read: 'get', noun: kind, id, parameters: { include } })).toBe('files')
        const fields = fieldsOf[kind].slice(0, 2).join(',')
        expect(await expectSame({ read: 'get', noun: kind, id, parameters: { fields, strong: 'false' } })).toBe('files')
      }
    }
    const gone = [...(tenant.history[0]?.world.keys() ?? [])].filter((id) => !world.has(id))
    expect(gone.length).toBeGreaterThan(0)
    for (const id of gone) {
      const call = { read: 'get', noun: 'Contact', id, parameters: {} } as const
      expect([await fromFiles(call), (await fromObject(call)).error?.code]).toEqual([undefined, 'not_found'])
    }
  })

  test('the pages of either source continue in the other, with the same entities', async () => {
    interface Page {
      readonly results: readonly Entity[]
      readonly cursor: string | null
    }
    for (const kind of kinds) {
      for (const [at, sort] of [undefined, ...sortOf[kind], '-$id', '$createdBy'].entries()) {
        const base: Parameters = { limit: String(3 + at), ...(sort === undefined ? {} : { sort }) }
        const walk = async (isOfObject: (page: number) => boolean): Promise<readonly string[]> => {
          const ids: string[] = []
          let cursor: string | null = ''
          for (let page = 0; cursor !== null; page++) {
            const parameters: Parameters = { ...base, ...(cursor === '' ? {} : { cursor }) }
            const call = { read: 'find', noun: kind, parameters } as const
            const outcome = isOfObject(page) ? await fromObject(call) : await fromFiles(call)
            const { results, cursor: next } = JSON.parse(outcome?.body ?? '') as Page
            ids.push(...results.map(({ $id }) => $id))
            cursor = next
          }
          return ids
        }
        const wanted = await walk(() => true)
        expect(new Set(wanted).size).toBe(wanted.length)
        expect(await walk(() => false)).toEqual(wanted)
        expect(await walk((page) => page % 2 === 0)).toEqual(wanted)
        expect(await walk((page) => page % 2 === 1)).toEqual(wanted)
      }
    }
  })
})

test('a Noun that was never written has an empty list, and its cursors are left to the object', async () => {
  expect(await expectSame({ read: 'find', noun: 'Invoice', parameters: {} })).toBe('files')
  expect(await expectSame({ read: 'count', noun: 'Invoice', parameters: {} })).toBe('files')
  expect(await fromFiles({ read: 'find', noun: 'Invoice', parameters: { cursor: 'x' } })).toBeUndefined()
})

test.each([
  { why: '$text', parameters: { filter: '{"$not":{"$text":"ada"}}' } },
  { why: '$regex', parameters: { filter: '{"$or":[{"name":"a"},{"organization.name":{"$regex":"a"}}]}' } },
  { why: 'a past time', parameters: { asOf: '2026-01-15T10:00:00Z' } },
])('$why is left to the object', async ({ parameters }) => {
  expect(await fromFiles({ read: 'find', noun: 'Contact', parameters })).toBeUndefined()
  expect(await fromFiles({ read: 'count', noun: 'Contact', parameters })).toBeUndefined()
})

test('files answer a page up to the limit on included entities, and leave larger ones to the object', async () => {
  const store = new MemoryObjectStore()
  const row = { version: 1, createdAtMs: 0, createdBy: 'x', updatedAtMs: 0, isDeleted: false }
  const organization = `organization_${'0'.repeat(12)}`
  const contacts = Array.from({ length: 10_001 }, (_, at) => ({
    ...row,
    id: `contact_${String(at).padStart(12, '0')}`,
    seq: at + 2,
    fields: { name: 'a', organization },
  }))
  const shape = { groupRows: 5_000, groupsPerFile: 4 }
  const layersOf = async (schema: NounSchema, rows: readonly EntityRow[], throughSeq: number) =>
    putLayers({ store, schema, rows, layers: [{ afterSeq: 0, throughSeq }], shape, folder: `t/${throughSeq}` })
  const askAt = async (seq: number): Promise<string | undefined> => {
    const parent = { ...row, id: organization, seq: 1, fields: { name: 'o' } }
    const manifest: Manifest = {
      ...files.manifest,
      nouns: {
        Organization: await layersOf(nouns.Organization.$schema, [parent], 1),
        Contact: await layersOf(nouns.Contact.$schema, contacts, seq),
      },
    }
    const call = toRead({ read: 'find', noun: 'Organization', parameters: { include: 'contacts' } })
    return (
      await answerFromFiles({ store, manifest, cache: makeFileCache(), builtIn: builtInSchemas }, { caller, call })
    )?.body
  }
  expect(JSON.parse((await askAt(10_001)) ?? '')).toMatchObject({
    results: [{ contacts: contacts.slice(0, 100).map(({ id }) => ({ $id: id })) }],
  })
  expect(await askAt(10_002)).toBeUndefined()
})

test('files answer by the definitions of their manifest, and not for Nouns that they are behind', async () => {
  const robot = { name: 'Robot', definition: { fields: { name: 'string!', owner: '-> Organization.robots' } } }
  const bodyOf = async (manifest: Partial<Manifest>, given: ReadGiven): Promise<unknown> => {
    const parts = { ...files, manifest: { ...files.manifest, ...manifest } }
    const result = await answerFromFiles(parts, { caller, call: toRead(given) })
    return result === undefined ? undefined : JSON.parse(result.body)
  }
  const [robots, organizations, contacts] = (
    [
      ['Robot', {}],
      ['Organization', { include: 'robots', limit: '1' }],
      ['Contact', { 'organization.name': 'Acme', limit: '1' }],
    ] as const
  ).map(([noun, parameters]): ReadGiven => ({ read: 'find', noun, parameters }))
  if (robots === undefined || organizations === undefined || contacts === undefined) throw new Error('three reads')
  expect(await bodyOf({ definitions: [robot] }, robots)).toMatchObject({ results: [], total: 0 })
  expect(await bodyOf({ definitions: [robot] }, organizations)).toMatchObject({ results: [{ robots: [] }] })
  expect(await bodyOf({}, organizations)).toBeUndefined()
  expect(await bodyOf({}, contacts)).toBeDefined()
  expect(await bodyOf({ stale: ['Contact'] }, contacts)).toBeUndefined()
  expect(await bodyOf({ stale: ['Organization'] }, contacts)).toBeUndefined()
  expect(await bodyOf({ stale: ['Deal'] }, contacts)).toBeDefined()
})

test('a Noun that the manifest does not define is left to the object', async () => {
  expect(await fromFiles({ read: 'find', noun: 'Robot', parameters: {} })).toBeUndefined()
  expect(await fromFiles({ read: 'get', noun: 'Robot', id: 'robot_000000000000', parameters: {} })).toBeUndefined()
})

test.each<ReadGiven>([
  { read: 'find', noun: 'Contact', parameters: { nmae: 'x' } },
  { read: 'find', noun: 'Contact', parameters: { filter: '{' } },
  { read: 'find', noun: 'Contact', parameters: { sort: 'metadata' } },
  { read: 'find', noun: 'Contact', parameters: { include: 'organisation' } },
  { read: 'find', noun: 'Contact', parameters: { fields: 'nmae', stage: 'Churned' } },
  { read: 'count', noun: 'Contact', parameters: { 'organization.nmae': 'x' } },
])('a request that a newer definition might allow is left to the object: %j', async (call) => {
  expect(await fromFiles(call)).toBeUndefined()
  expect((await fromObject(call)).error).toBeDefined()
})

test.each<ReadGiven>([
  { read: 'find', noun: 'Contact', parameters: { limit: '1000' } },
  { read: 'find', noun: 'Contact', parameters: { cursor: 'x' } },
  { read: 'find', noun: 'Contact', parameters: { strong: 'perhaps' } },
  { read: 'count', noun: 'Contact', parameters: { strong: 'perhaps' } },
  { read: 'get', noun: 'Contact', id: 'deal_000000000000', parameters: {} },
  { read: 'get', noun: 'Contact', id: 'contact_000000000000', parameters: { limit: '1' } },
])('a wrong request gets the same error from files and object: %j', async (call) => {
  const ours = await fromFiles(call)
  expect(ours?.error).toBeDefined()
  expect(ours).toEqual(await fromObject(call))
})
