// Pipelines in a tenant's object give the same results as their callbacks on a client that has all entities, in the present
// and at every recorded time.

import { env } from 'cloudflare:test'
import {
  type Entity,
  type Expression,
  type JsonException,
  ObjectError,
  type Parameters,
  type PipelineStep,
  restoreExceptions,
} from 'digital-objects'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  binary,
  callback,
  item,
  list,
  member,
  method,
  name,
  object,
  optional,
  step,
  value,
} from '../../test/expression-builder.ts'
import { anyExpression } from '../../test/generated-expression.ts'
import { caller, type GeneratedTenant, makeTenant } from '../../test/generated-tenant.ts'
import { type Linked, type LinkedWorld, linkWorld } from '../../test/linked-world.ts'
import { ask, askRead, askWrite, type ReadGiven } from '../../test/ask-tenant.ts'
import type { Answer } from '../answers/answer.ts'
import { parseSteps } from './parse-pipeline.ts'

type Stub = GeneratedTenant['stub']

interface Asked {
  readonly noun: string
  readonly id?: string
  readonly parameters?: Parameters
  readonly steps: readonly unknown[]
}

async function read(stub: Stub, call: ReadGiven): Promise<Record<string, unknown>> {
  return bodyOf(await askRead(stub, caller, call))
}

function bodyOf(answer: Answer): Record<string, unknown> {
  if (!answer.ok) throw new ObjectError(answer.error)
  return JSON.parse(answer.body) as Record<string, unknown>
}

async function run(stub: Stub, { parameters = {}, steps, ...asked }: Asked): Promise<unknown> {
  const checked = parseSteps(JSON.parse(JSON.stringify(steps)))
  const read = asked.id === undefined ? 'find' : 'get'
  const call = { kind: 'pipeline', ...asked, read, parameters, steps: checked } as const
  const answer = bodyOf(await ask(stub, caller, call))
  return restoreExceptions(answer['value'], answer['exceptions'] as readonly JsonException[] | undefined)
}

async function refusal(stub: Stub, asked: Asked): Promise<ObjectError> {
  const error = await run(stub, asked).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof ObjectError) return error
  throw error ?? new Error('it was answered')
}

const is = (of: Expression, text: string): Expression => binary(of, '===', value(text))
const listOf = (length: number): Expression => list(...Array.from({ length }, () => value(1)))
const comparator = (body: Expression): PipelineStep => ({ step: 'sort', callback: callback(body, 'a', 'b') })
const sum = (of: Expression): PipelineStep => ({
  step: 'reduce',
  callback: callback(binary(name('sum'), '+', of), 'sum', 'item'),
  initial: 0,
})

/** Each pipeline, with the same computation on a client. */
const pipelines: Readonly<Record<string, readonly [Asked, (world: LinkedWorld) => unknown]>> = {
  'map to a relation returns one flat list of entities': [
    {
      noun: 'Contact',
      steps: [step('map', member(item, 'deals')), step('filter', binary(member(item, 'value'), '>', value(0)))],
    },
    ({ all }) =>
      all('Contact')
        .flatMap((contact) => contact.deals)
        .filter((deal) => deal.value > 0),
  ],
  'a list made from a relation stays nested': [
    { noun: 'Contact', steps: [step('map', method(member(item, 'deals'), 'slice', value(0)))] },
    ({ all }) => all('Contact').map((contact) => contact.deals),
  ],
  'a relation that an earlier step put into an object stays nested': [
    {
      noun: 'Contact',
      steps: [
        step('map', object({ deals: member(item, 'deals'), of: list(member(item, 'deals')) })),
        step('map', member(item, 'deals')),
      ],
    },
    ({ all }) => all('Contact').map((contact) => contact.deals),
  ],
  'a reference is its entity, undefined if unset and null if deleted': [
    { noun: 'Deal', steps: [step('map', member(item, 'contact'))] },
    ({ all }) => all('Deal').map((deal) => deal.contact),
  ],
  'relations are followed both ways, one after the other': [
    {
      noun: 'Activity',
      steps: [
        step('map', optional(item, 'contact', 'organization', 'industry')),
        step('filter', binary(item, '!=', value(null))),
        { step: 'sort' },
      ],
    },
    ({ all }) =>
      all('Activity')
        .map((activity) => activity.contact?.organization?.industry)
        .filter((text) => text !== undefined)
        .toSorted(),
  ],
  'callbacks inside callbacks follow relations of relations': [
    {
      noun: 'Organization',
      steps: [
        step(
          'filter',
          method(
            member(item, 'contacts'),
            'some',
            callback(
              method(
                member(name('c'), 'deals'),
                'some',
                callback(binary(member(name('d'), 'value'), '>', value(1)), 'd'),
              ),
              'c',
            ),
          ),
        ),
        step('map', object({ id: member(item, '$id'), deals: member(item, 'deals'), title: member(item, 'title') })),
      ],
    },
    ({ all }) =>
      all('Organization')
        .filter((organization) => organization.contacts.some((contact) => contact.deals.some((deal) => deal.value > 1)))
        .map((organization) => ({ id: organization.$id, deals: organization.deals, title: organization.title })),
  ],
  'a reference to several Nouns is the entity of the right one': [
    { noun: 'Deal', steps: [step('map', list(optional(item, 'owner', '$type'), optional(item, 'owner', 'name')))] },
    ({ all }) => all('Deal').map((deal) => [deal.owner?.$type, deal.owner?.name]),
  ],
  'sums, sorted lists, parts of lists and their length': [
    { noun: 'Contact', steps: [step('flatMap', member(item, 'deals')), sum(member(item, 'value'))] },
    ({ all }) =>
      all('Contact')
        .flatMap((contact) => contact.deals)
        .reduce((total, deal) => total + deal.value, 0),
  ],
  'sorting by a comparator is stable': [
    {
      noun: 'Deal',
      steps: [
        comparator(binary(member(name('a'), 'value'), '-', member(name('b'), 'value'))),
        { step: 'slice', start: -7, end: -1 },
      ],
    },
    ({ all }) =>
      all('Deal')
        .toSorted((a, b) => a.value - b.value)
        .slice(-7, -1),
  ],
  'the length of a list': [
    { noun: 'Deal', steps: [step('filter', optional(item, 'contact', 'name')), { step: 'member', name: 'length' }] },
    ({ all }) => all('Deal').filter((deal) => deal.contact?.name).length,
  ],
  'find returns the first match, or undefined': [
    { noun: 'Contact', steps: [step('find', is(member(item, 'stage'), 'Customer'))] },
    ({ all }) => all('Contact').find((contact) => contact.stage === 'Customer'),
  ],
  'some and every': [
    {
      noun: 'Contact',
      steps: [
        step('map', method(member(item, 'deals'), 'every', callback(member(item, 'contact', 'name')))),
        step('every', item),
      ],
    },
    ({ all }) => all('Contact').every((contact) => contact.deals.every((deal) => Boolean(deal.contact?.name))),
  ],
  'values that JSON cannot express': [
    {
      noun: 'Contact',
      steps: [
        step(
          'map',
          object({ score: member(item, 'leadScore'), half: binary(member(item, 'leadScore'), '/', value(0)) }),
        ),
      ],
    },
    ({ all }) => all('Contact').map((contact) => ({ score: contact.leadScore, half: Number(contact.leadScore) / 0 })),
  ],
}

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))

describe(`seed ${seed}`, () => {
  let tenant: GeneratedTenant
  let stub: Stub
  beforeAll(async () => {
    tenant = await makeTenant(seed)
    ;({ stub } = tenant)
  })

  test.each(Object.entries(pipelines))('%s', async (_, [asked, atCaller]) => {
    for (const { asOf, world } of tenant.history) {
      const linked = linkWorld(world)
      const parameters = { limit: '1000', ...(asOf === undefined ? {} : { asOf }) }
      expect(await run(stub, { ...asked, parameters })).toStrictEqual(linked.plain(atCaller(linked)))
    }
  })

  test('the generated deals include unset contacts', () => {
    const { all } = linkWorld(tenant.history.at(-1)?.world ?? new Map())
    // A deletion clears references, so none leads to a contact that is gone.
    expect(new Set(all('Deal').map((deal) => typeof deal.contact))).toEqual(new Set(['undefined', 'object']))
  })

  test('the published example gives the result of three separate requests', async () => {
    const contacts = (
      await read(stub, { read: 'find', noun: 'Contact', parameters: { stage: 'Qualified', limit: '100' } })
    )['results']
    const deals: Entity[] = []
    for (const contact of contacts as readonly Entity[]) {
      const page = await read(stub, { read: 'find', noun: 'Deal', parameters: { contact: contact.$id, limit: '100' } })
      deals.push(...(page['results'] as readonly Entity[]))
    }
    const wanted = deals.filter((deal) => deal['stage'] === 'Prospecting')
    const steps = [step('map', member(item, 'deals')), step('filter', is(member(item, 'stage'), 'Prospecting'))]
    expect(await run(stub, { noun: 'Contact', parameters: { stage: 'Qualified' }, steps })).toEqual(wanted)
    expect(wanted.length).toBeGreaterThan(0)
  })

  test('a pipeline can start from one entity, whose relations are members', async () => {
    const { all, plain } = linkWorld(tenant.history.at(-1)?.world ?? new Map())
    const organization = all('Organization').find(({ contacts }) => contacts.length > 1) as Linked
    const asked = { noun: 'Organization', id: organization.$id }
    expect(await run(stub, { ...asked, steps: [] })).toEqual(plain(organization))
    const steps = [{ step: 'member', name: 'contacts' }, step('map', member(item, 'name'))]
    expect(await run(stub, { ...asked, steps })).toEqual(organization.contacts.map((contact) => contact.name))
    const gone = { noun: 'Organization', id: 'organization_000000000000', steps: [] }
    expect(await refusal(stub, gone)).toMatchObject({ code: 'not_found' })
    expect(await refusal(stub, { ...asked, steps: [step('map', item)] })).toMatchObject({
      code: 'unsupported_expression',
      message: 'map: expects a list, got an entity (Organization)',
    })
  })

  test('rows equal those of find, with includes and fields, and other fields cannot be read', async () => {
    const parameters = { include: 'organization,deals', fields: 'name,stage', limit: '30', sort: 'name', cursor: '' }
    const { cursor: _, ...asked } = parameters
    const { results } = await read(stub, { read: 'find', noun: 'Contact', parameters: asked })
    expect(await run(stub, { noun: 'Contact', parameters: asked, steps: [] })).toEqual(results)
    const steps = [
      step('map', list(member(item, 'name'), member(item, '$id'), optional(item, 'organization', 'industry'))),
    ]
    expect(((await run(stub, { noun: 'Contact', parameters: asked, steps })) as unknown[]).length).toBe(
      (results as unknown[]).length,
    )
    const leftOut = { noun: 'Contact', parameters: asked, steps: [step('map', member(item, 'leadScore'))] }
    expect((await refusal(stub, leftOut)).message).toBe("map: 'leadScore' is not among the requested fields")
  })

  test('a pipeline continues from the cursor of a list, and has a higher limit', async () => {
    const page = await read(stub, { read: 'find', noun: 'Deal', parameters: { sort: 'value', limit: '5' } })
    const parameters = { sort: 'value', limit: '5', cursor: String(page['cursor']) }
    const { results } = await read(stub, { read: 'find', noun: 'Deal', parameters })
    expect(await run(stub, { noun: 'Deal', parameters, steps: [] })).toEqual(results)
    expect(await refusal(stub, { noun: 'Deal', parameters: { limit: '10001' }, steps: [] })).toMatchObject({
      code: 'invalid_limit',
      message: 'limit expects a whole number from 1 to 10000, got "10001"',
    })
  })

  test('a Noun without entities gives an empty list, from the start and after a cursor', async () => {
    expect(await run(stub, { noun: 'Ticket', steps: [step('map', member(item, 'requester'))] })).toEqual([])
    const parameters = { cursor: 'whatever' }
    expect(await run(stub, { noun: 'Ticket', parameters, steps: [] })).toEqual([])
    expect(await read(stub, { read: 'find', noun: 'Ticket', parameters })).toMatchObject({ results: [], total: 0 })
  })

  test('a result that is nested too deeply is refused', async () => {
    const nest = { step: 'reduce', callback: callback(list(name('sum')), 'sum', 'item'), initial: 0 }
    const deep = { noun: 'Deal', steps: [step('flatMap', listOf(100)), nest] }
    expect((await refusal(stub, deep)).message).toContain('lists and objects deep')
  })

  test('comparing an entity by identity is refused, with a hint to compare ids', async () => {
    const compared = { noun: 'Deal', steps: [step('filter', is(member(item, 'contact'), 'contact_000000000000'))] }
    expect((await refusal(stub, compared)).message).toContain('compare entities by their $id')
    const added = { noun: 'Deal', steps: [step('map', binary(value(''), '+', item))] }
    expect((await refusal(stub, added)).message).toContain('+ does not accept an entity (Deal)')
    const called = { noun: 'Deal', steps: [step('map', method(item, 'at'))] }
    expect((await refusal(stub, called)).message).toContain('verbs cannot be called in a pipeline')
    const read = { noun: 'Deal', steps: [step('map', { kind: 'element', of: item, at: value('toString') })] }
    expect((await refusal(stub, read)).message).toContain("'toString' of an entity (Deal) is not a value")
  })

  test('every accepted pipeline is answered or refused, without delay', async () => {
    const steps = fc.array(
      fc.oneof(
        fc.record({
          step: fc.constantFrom('map', 'flatMap', 'filter', 'find', 'some', 'every'),
          callback: anyExpression.map((body) => callback(body)),
        }),
        fc.record({ step: fc.constant('sort'), callback: anyExpression.map((body) => callback(body, 'item', 'b')) }),
        fc.record({
          step: fc.constant('reduce'),
          callback: anyExpression.map((body) => callback(body, 'sum', 'item')),
          initial: fc.jsonValue(),
        }),
        fc.record({ step: fc.constant('member'), name: fc.constantFrom('length', 'deals', 'contact', '0', 'a') }),
        fc.record({ step: fc.constant('slice'), start: fc.integer() }),
        fc.constantFrom(step('map', member(item, 'deals')), step('map', optional(item, 'contact', 'organization'))),
      ),
      { maxLength: 5 },
    )
    let answered = 0
    for (const made of fc.sample(steps, { seed, numRuns: 400 })) {
      const started = performance.now()
      const outcome = await run(stub, { noun: 'Contact', steps: made }).then(
        () => undefined,
        (error: unknown) => error,
      )
      expect(performance.now() - started).toBeLessThan(10_000)
      if (outcome === undefined) answered += 1
      else expect(outcome).toBeInstanceOf(ObjectError)
    }
    expect(answered).toBeGreaterThan(50)
  })
})

describe('a limit is named where it is met', () => {
  const stub = env.TENANTS.get(env.TENANTS.idFromName('pipeline-limits'))
  let organization: string
  const write = async (noun: string, body: object): Promise<string> => {
    const answer = await askWrite(stub, caller, { noun, verb: 'create', body: JSON.stringify(body) })
    if (!answer.ok) throw new ObjectError(answer.error)
    return (JSON.parse(answer.body) as Entity).$id
  }
  beforeAll(async () => {
    organization = await write('Organization', { name: 'o' })
    const manager = await write('Contact', { name: 'boss', organization })
    const others = Array.from({ length: 999 }, (_, at) =>
      write('Contact', { name: `c${at}`, organization, manager, title: 'x'.repeat(100) }),
    )
    await Promise.all(others)
  })
  const all = { limit: '1000' }
  const relations = ['reports', 'leads', 'deals', 'activities', 'tickets', 'messages', 'customer']

  async function timed(asked: Asked): Promise<ObjectError> {
    const started = performance.now()
    const error = await refusal(stub, asked)
    const spentMs = Math.round(performance.now() - started)
    expect(spentMs).toBeLessThan(5_000)
    return error
  }

  test('entities read through relations', async () => {
    const looks = list(...relations.map((relation) => member(item, relation)))
    const others = method(member(item, 'manager', 'reports'), 'concat', member(item, 'organization', 'contacts'))
    const steps = [
      step('filter', method(looks, 'some', callback(member(item, 'manager'), 'look'))),
      { step: 'slice', start: 0, end: 1 },
      step('flatMap', others),
      step('map', looks),
    ]
    expect(await timed({ noun: 'Contact', parameters: all, steps })).toMatchObject({
      code: 'scan_limit',
      field: 'steps[3]',
      message: expect.stringContaining('more than 20000 entities through relations') as unknown,
    })
  })

  test('evaluated nodes', async () => {
    const names = method(member(item, 'organization', 'contacts'), 'map', callback(member(name('c'), 'name'), 'c'))
    const steps = [step('map', member(names, 'length'))]
    expect(await timed({ noun: 'Contact', parameters: all, steps })).toMatchObject({
      code: 'scan_limit',
      message: expect.stringContaining('more than 1000000 nodes') as unknown,
    })
  })

  test('created strings', async () => {
    const texts = method(
      member(item, 'organization', 'contacts'),
      'map',
      callback(binary(member(name('c'), 'title'), '+', value('!'.repeat(100))), 'c'),
    )
    expect(
      await timed({ noun: 'Contact', parameters: all, steps: [step('map', member(texts, 'length'))] }),
    ).toMatchObject({
      code: 'scan_limit',
      message: expect.stringContaining('strings of more than 4194304 characters') as unknown,
    })
  })

  test('characters of the entities read', async () => {
    for (let at = 0; at < 36; at++) await write('Content', { title: `t${at}`, body: 'x'.repeat(950_000) })
    expect(await timed({ noun: 'Content', parameters: all, steps: [] })).toMatchObject({
      code: 'scan_limit',
      field: 'steps',
      message: expect.stringContaining('entities of more than 33554432 characters') as unknown,
    })
  })

  test('the JSON of the result', async () => {
    const contacts = method(member(item, 'organization', 'contacts'), 'slice', value(0))
    const steps = [{ step: 'slice', start: 0, end: 30 }, step('map', contacts)]
    expect(await timed({ noun: 'Contact', parameters: all, steps })).toMatchObject({
      code: 'scan_limit',
      message: expect.stringContaining('more than 8388608 characters of JSON') as unknown,
    })
  })

  test('values that JSON cannot express', async () => {
    const nothing = list(...Array.from({ length: 11 }, (): Expression => ({ kind: 'undefined' })))
    expect(await timed({ noun: 'Contact', parameters: all, steps: [step('map', nothing)] })).toMatchObject({
      code: 'scan_limit',
      message: expect.stringContaining('more than 10000 values that are undefined') as unknown,
    })
  })

  test('entities of one relation, and the error suggests an alternative', async () => {
    const steps = [step('map', member(item, 'contacts')), { step: 'member', name: 'length' }]
    expect(await run(stub, { noun: 'Organization', steps })).toBe(1_000)
    await write('Contact', { name: 'one more', organization })
    expect(await timed({ noun: 'Organization', steps })).toMatchObject({
      code: 'scan_limit',
      message: `map: Organization ${organization} has more than 1000 contacts; use find of Contact with the filter { organization: '${organization}' }`,
    })
  })
})
