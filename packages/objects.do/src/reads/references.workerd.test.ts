// The references to an entity, from the object in the present and the past, and from files.

import { MemoryObjectStore } from '@dotdo/db'
import { type Authority, type Entity, fullAuthority, nouns } from 'digital-objects'
import { beforeAll, describe, expect, test } from 'vitest'
import { askRead, type ReadGiven, toRead } from '../../test/ask-tenant.ts'
import { caller, type GeneratedTenant, lookup, makeTenant, type World } from '../../test/generated-tenant.ts'
import { makeFileCache, putTenantFiles } from '../../test/tenant-files.ts'
import { builtInSchemas } from '../entities/built-in-nouns.ts'
import { answerFromFiles, mayAnswerFromFiles } from '../calls/answer-from-files.ts'
import type { FilesParts } from '../files/files-parts.ts'

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))
let tenant: GeneratedTenant
let files: FilesParts
beforeAll(async () => {
  tenant = await makeTenant(seed)
  const store = new MemoryObjectStore()
  const manifest = await putTenantFiles({ store, stub: tenant.stub, caller, cuts: [0.4, 0.8] })
  files = { store, manifest, cache: makeFileCache(), builtIn: builtInSchemas }
})

/** Counts references by looking at every field of every entity. */
function expectedFor({ $id }: Entity, world: World): object[] {
  const counts = new Map<string, number>()
  for (const other of world.values())
    for (const field of Object.values(lookup(other.$type)?.fields ?? {}))
      if (field.kind === 'reference' && other[field.name] === $id) {
        const name = `${other.$type}.${field.name}`
        counts.set(name, (counts.get(name) ?? 0) + 1)
      }
  const names = Object.values(nouns).flatMap(({ $schema }) =>
    Object.keys($schema.fields).map((field) => ({ noun: $schema.name, field })),
  )
  return names.flatMap(({ noun, field }) => {
    const count = counts.get(`${noun}.${field}`)
    return count === undefined ? [] : [{ noun, field, count }]
  })
}

function isVisible({ $type, value }: Entity): boolean {
  return $type === 'Deal' ? Number(value) > 0 : $type !== 'Activity'
}

function show(entity: Entity): Entity {
  if (entity.$type !== 'Deal') return entity
  const { owner: _owner, ...fields } = entity
  return fields
}

function askFor(entity: Entity, parameters: Readonly<Record<string, string>> = {}): ReadGiven {
  return { read: 'references', noun: entity.$type, id: entity.$id, parameters }
}

describe(`seed ${seed}`, () => {
  test('counts equal those of a full scan, in the present, at each past time and in files', async () => {
    let found = 0
    for (const { asOf, world } of tenant.history) {
      for (const entity of world.values()) {
        const call = askFor(entity, asOf === undefined ? {} : { asOf })
        const answer = await askRead(tenant.stub, caller, call)
        const results = expectedFor(entity, world)
        expect(answer, JSON.stringify(call)).toMatchObject({ ok: true, source: asOf === undefined ? 'object' : 'log' })
        expect(answer.ok && JSON.parse(answer.body)).toEqual({ results })
        found += results.length
        if (asOf !== undefined) continue
        const fromFiles = await answerFromFiles(files, { caller, call: toRead(call) })
        expect(fromFiles?.body, JSON.stringify(call)).toBe(answer.ok && answer.body)
      }
    }
    expect(found).toBeGreaterThan(50)
  })

  test('a caller counts only the entities and fields that it may see', async () => {
    const { others } = fullAuthority('')
    const deals = { ...others, read: { value: { $gt: 0 } }, hidden: ['owner'] }
    const authority: Authority = {
      ...fullAuthority('user_1'),
      nouns: { Deal: deals, Activity: { ...others, read: 'none' } },
    }
    const seller = { ...caller, authority }
    const { world } = tenant.history.at(-1) ?? { world: new Map<string, Entity>() }
    const visible = new Map(
      [...world].filter(([, entity]) => isVisible(entity)).map(([id, entity]) => [id, show(entity)]),
    )
    let hidden = 0
    for (const entity of visible.values()) {
      const results = expectedFor(entity, visible)
      hidden += Number(results.length < expectedFor(entity, world).length)
      const call = askFor(entity)
      const answer = await askRead(tenant.stub, seller, call)
      expect(answer.ok && JSON.parse(answer.body), JSON.stringify(call)).toEqual({ results })
      const fromFiles = await answerFromFiles(files, { caller: seller, call: toRead(call) })
      expect(fromFiles?.body, JSON.stringify(call)).toBe(answer.ok && answer.body)
    }
    expect(hidden).toBeGreaterThan(0)
  })

  test('a deleted entity has references only in the past', async () => {
    const [first, last] = [tenant.history[0]?.world, tenant.history.at(-1)?.world]
    const gone = [...(first?.values() ?? [])].filter(({ $id }) => last?.has($id) === false)
    expect(gone.length).toBeGreaterThan(0)
    for (const entity of gone) {
      const asOf = tenant.history[0]?.asOf ?? ''
      expect(await askRead(tenant.stub, caller, askFor(entity))).toMatchObject({ error: { code: 'not_found' } })
      expect(await askRead(tenant.stub, caller, askFor(entity, { asOf }))).toMatchObject({ ok: true })
      expect(await answerFromFiles(files, { caller, call: toRead(askFor(entity)) })).toBeUndefined()
    }
  })
})

test('files may answer unless `strong` or `asOf` is set, and a wrong parameter is named in the error', async () => {
  const contact = { $type: 'Contact', $id: 'contact_000000000000' } as Entity
  expect(mayAnswerFromFiles(toRead(askFor(contact)))).toBe(true)
  expect(mayAnswerFromFiles(toRead(askFor(contact, { strong: 'true' })))).toBe(false)
  expect(mayAnswerFromFiles(toRead(askFor(contact, { asOf: '2026-01-15T10:00:00Z' })))).toBe(false)
  for (const [parameters, field] of [
    [{ asOf: 'yesterday' }, 'asOf'],
    [{ limit: '1' }, 'limit'],
  ] as const)
    expect(await askRead(tenant.stub, caller, askFor(contact, parameters))).toMatchObject({ error: { field } })
  expect(await askRead(tenant.stub, caller, { ...askFor(contact), id: 'deal_000000000000' })).toMatchObject({
    error: { code: 'invalid_id', field: 'id' },
  })
})
