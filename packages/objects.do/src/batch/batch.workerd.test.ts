// Batches against the real object: generated ones against a model, and what one test each shows best.

import { env } from 'cloudflare:test'
import { fullAuthority } from 'digital-objects'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ask, askRead, askWrite } from '../../test/ask-tenant.ts'
import type { Answer } from '../answers/answer.ts'
import type { Caller } from '../answers/caller.ts'
import type { TenantObject } from '../tenant-object.ts'
import { orderOperations } from './batch-order.ts'

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))

interface Operation {
  readonly id?: string
  readonly method: string
  readonly path: unknown
  readonly body?: Record<string, unknown>
  readonly ifVersion?: number
}

interface Tenant {
  readonly caller: Caller
  readonly stub: DurableObjectStub<TenantObject>
}

let tenants = 0

function newTenant(): Tenant {
  const tenant = `batch-${tenants++}`
  const caller: Caller = {
    tenant,
    context: `http://localhost/~${tenant}`,
    authority: fullAuthority('anonymous'),
    via: 'rest',
  }
  return { caller, stub: env.TENANTS.getByName(tenant) }
}

function send(
  { caller, stub }: Tenant,
  batch: { readonly operations: readonly Operation[]; readonly atomic?: boolean; readonly dryRun?: boolean },
  idempotencyKey?: string,
): Promise<Answer> {
  const key = idempotencyKey === undefined ? {} : { idempotencyKey }
  return ask(stub, caller, { kind: 'write', verb: 'batch', noun: '', body: JSON.stringify(batch), ...key })
}

interface Result {
  readonly id: string
  readonly status: number
  readonly body: Record<string, unknown> | null
}

function bodyOf(answer: Answer): Record<string, unknown> {
  if (!answer.ok) throw new Error(`expected an answer, got ${answer.error.code}: ${answer.error.message}`)
  return JSON.parse(answer.body) as Record<string, unknown>
}

const resultsOf = (answer: Answer): Result[] => bodyOf(answer)['results'] as Result[]

async function eventsOf({ caller, stub }: Tenant): Promise<Record<string, unknown>[]> {
  const answer = await askRead(stub, caller, { read: 'events', parameters: { limit: '1000' } })
  return bodyOf(answer)['results'] as Record<string, unknown>[]
}

/** Texts without what differs from run to run: ids, times and the numbers of events. */
function comparable(value: unknown): unknown {
  const text = JSON.stringify(value)
    .replaceAll(/"(contact|organization|evt)_\w{12}"/g, '"$1"')
    .replaceAll(/"\d{4}-\d\d-\d\dT[\d:.]*Z"/g, '"time"')
    .replaceAll(/"(seq|commit)":\d+/g, '"$1":0')
    .replaceAll(/req_[\w-]+/g, 'req')
    .replaceAll(/(contact|organization)_\w{12}/g, '$1')
  return JSON.parse(text)
}

/** `of` is a step's index, or an entity of the world. */
type Step =
  | { readonly kind: 'organization' }
  | { readonly kind: 'contact'; readonly email: number; readonly organization: number | undefined }
  | { readonly kind: 'title' | 'qualify' | 'delete' | 'get'; readonly of: number }
  | { readonly kind: 'count' }
  | { readonly kind: 'fault' }

const steps = fc.array(
  fc.oneof(
    fc.constant<Step>({ kind: 'organization' }),
    fc.record({
      kind: fc.constant('contact' as const),
      email: fc.nat(8),
      organization: fc.option(fc.nat(9), { nil: undefined }),
    }),
    fc.record({
      kind: fc.constantFrom('title' as const, 'qualify' as const, 'delete' as const, 'get' as const),
      of: fc.nat(9),
    }),
    fc.constant<Step>({ kind: 'count' }),
    { arbitrary: fc.constant<Step>({ kind: 'fault' }), weight: 1 },
  ),
  { minLength: 1, maxLength: 9 },
)

interface Modelled {
  readonly email: number
  isQualified: boolean
  title: string | undefined
}

/** Contacts by their real ids, or by the step that creates them. */
type World = Map<string, Modelled>

interface Made {
  readonly operations: readonly Operation[]
  readonly statuses: readonly number[]
  readonly events: readonly string[]
  readonly world: World
}

/** The operations of the steps, and what a model says of them. */
function model(given: readonly Step[], world: World): Made {
  const stepsOf = (kind: Step['kind']): number[] => given.flatMap((step, at) => (step.kind === kind ? [at] : []))
  const [organizations, contacts] = [stepsOf('organization'), stepsOf('contact')]
  const targets = [...contacts.map((at) => `s${at}`), ...world.keys()]
  const operations: Operation[] = []
  const uses: number[][] = []
  const targetOf: (string | undefined)[] = []
  for (const step of given) {
    const { operation, used, target } = toOperation(step, { organizations, targets })
    operations.push(operation)
    uses.push(used)
    targetOf.push(target)
  }
  const after: World = new Map([...world].map(([id, contact]) => [id, { ...contact }]))
  const statuses: number[] = given.map(() => 0)
  const events: string[] = []
  for (const at of orderOperations(uses)) {
    const isBlocked = uses[at]?.some((used) => (statuses[used] ?? 0) >= 400) === true
    statuses[at] = isBlocked ? 424 : perform(given[at] as Step, { at, target: targetOf[at] ?? '', after, events })
  }
  return { operations, statuses, events, world: after }
}

function toOperation(
  step: Step,
  { organizations, targets }: { readonly organizations: readonly number[]; readonly targets: readonly string[] },
): { readonly operation: Operation; readonly used: number[]; readonly target: string | undefined } {
  switch (step.kind) {
    case 'organization':
      return {
        operation: { method: 'POST', path: '/Organization', body: { name: 'Acme' } },
        used: [],
        target: undefined,
      }
    case 'contact': {
      const at =
        organizations.length === 0 || step.organization === undefined
          ? undefined
          : organizations[step.organization % organizations.length]
      const organization = at === undefined ? {} : { organization: { $ref: `${at}` } }
      const body = { name: 'Ada', email: `a${step.email}@example.com`, ...organization }
      return {
        operation: { method: 'POST', path: '/Contact', body },
        used: at === undefined ? [] : [at],
        target: undefined,
      }
    }
    case 'count':
      return { operation: { method: 'GET', path: '/Contact/count?stage=Qualified' }, used: [], target: undefined }
    case 'fault':
      return { operation: { method: 'POST', path: '/Contact', body: { nam: 'Ada' } }, used: [], target: undefined }
    default: {
      const target = targets.length === 0 ? 'contact_000000000000' : (targets[step.of % targets.length] ?? '')
      const used = target.startsWith('s') ? Number(target.slice(1)) : undefined
      const suffix = step.kind === 'qualify' ? '/qualify' : ''
      const path =
        used === undefined
          ? `/Contact/${target}${suffix}`
          : { $ref: `${used}`, path: `concat('/Contact/', $id, '${suffix}')` }
      const method = { title: 'PATCH', qualify: 'POST', delete: 'DELETE', get: 'GET' }[step.kind]
      const body = step.kind === 'title' ? { body: { title: `t${step.of}` } } : {}
      return { operation: { method, path, ...body }, used: used === undefined ? [] : [used], target }
    }
  }
}

function perform(
  step: Step,
  {
    at,
    target,
    after,
    events,
  }: { readonly at: number; readonly target: string; readonly after: World; readonly events: string[] },
): number {
  if (step.kind === 'organization') return events.push('Organization.Created') && 201
  if (step.kind === 'fault') return 422
  if (step.kind === 'count') return 200
  if (step.kind === 'contact') {
    if ([...after.values()].some(({ email }) => email === step.email)) return 409
    after.set(`s${at}`, { email: step.email, isQualified: false, title: undefined })
    return events.push('Contact.Created') && 201
  }
  const contact = after.get(target)
  if (contact === undefined) return 404
  if (step.kind === 'delete') {
    after.delete(target)
    return events.push('Contact.Deleted') && 204
  }
  if (step.kind === 'title' && contact.title !== `t${step.of}`) {
    contact.title = `t${step.of}`
    events.push('Contact.Updated')
  }
  if (step.kind === 'qualify' && !contact.isQualified) {
    contact.isQualified = true
    events.push('Contact.Qualified')
  }
  return 200
}

/** The ids of the model's entities, which it knows by the steps that created them. */
function withIds(world: World, results: readonly Result[]): World {
  return new Map(
    [...world].map(([id, contact]) => [
      id.startsWith('s') ? String(results[Number(id.slice(1))]?.body?.['$id']) : id,
      contact,
    ]),
  )
}

test(`generated batches give a model's results, and a dry run predicts them (seed ${seed})`, async () => {
  const tenant = newTenant()
  let world: World = new Map()
  let events = 0
  const count = async (): Promise<number> => (await eventsOf(tenant)).length
  await fc.assert(
    fc.asyncProperty(steps, fc.boolean(), async (given, atomic) => {
      const expected = model(given, world)
      const { operations, statuses } = expected
      const isFailing = statuses.some((status) => status >= 400)
      const tried = bodyOf(await send(tenant, { operations, atomic, dryRun: true }))
      expect(tried).toMatchObject({ dryRun: true })
      const refusals = tried['refusals'] as readonly { readonly id: string; readonly status: number }[]
      const failures = statuses.flatMap((status, at) => (status >= 400 ? [[`${at}`, status]] : []))
      expect(refusals.map(({ id, status }) => [id, status])).toEqual(failures)
      expect(await count()).toBe(events)

      const key = crypto.randomUUID()
      const answer = await send(tenant, { operations, atomic }, key)
      if (atomic && isFailing) {
        expect(answer).toMatchObject({ ok: false, error: { code: 'batch_failed' } })
        const details = answer.ok ? [] : (answer.error.detail?.['details'] as typeof refusals)
        expect(details.map(({ id, status }) => [id, status])).toEqual(failures)
        expect(tried).toMatchObject({ events: [], result: null })
        expect(await count()).toBe(events)
        return
      }
      const results = resultsOf(answer)
      expect(results.map(({ status }) => status)).toEqual(statuses)
      const log = (await eventsOf(tenant)).slice(events)
      expect(log.map(({ type }) => type)).toEqual(expected.events)
      expect(comparable(tried['events'])).toEqual(comparable(log))
      expect(comparable(tried['result'])).toEqual(comparable(bodyOf(answer)))
      if (atomic) expect(new Set(log.map(({ commit }) => commit)).size).toBe(Math.min(1, log.length))
      const again = await send(tenant, { operations, atomic }, key)
      expect(again).toMatchObject({ ok: true, isReplay: true, body: answer.ok ? answer.body : '' })
      events += log.length
      expect(await count()).toBe(events)
      world = withIds(expected.world, results)
    }),
    { seed, numRuns: Number(process.env['RUNS'] ?? 15), endOnFailure: true },
  )
})

test('operations of a batch see the ones before them, and its events are one commit', async () => {
  const tenant = newTenant()
  const answer = await send(tenant, {
    operations: [
      { id: 'list', method: 'GET', path: { $ref: 'ada', path: "concat('/Contact?organization=', organization)" } },
      { id: 'ada', method: 'POST', path: '/Contact', body: { name: 'Ada', organization: { $ref: 'acme' } } },
      { id: 'acme', method: 'POST', path: '/Organization', body: { name: 'Acme' } },
      {
        method: 'PATCH',
        path: { $ref: 'list', path: "concat('/Contact/', /results/0/$id)" },
        body: { title: 'Countess' },
        ifVersion: 1,
      },
    ],
  })
  const results = resultsOf(answer)
  expect(results.map(({ id, status }) => [id, status])).toEqual([
    ['list', 200],
    ['ada', 201],
    ['acme', 201],
    ['3', 200],
  ])
  expect(results[3]?.body).toMatchObject({ $type: 'Contact', $version: 2, title: 'Countess' })
  expect(answer).toMatchObject({ ok: true, commit: 1 })
  expect((await eventsOf(tenant)).map(({ commit, type }) => [commit, type])).toEqual([
    [1, 'Organization.Created'],
    [1, 'Contact.Created'],
    [1, 'Contact.Updated'],
  ])
})

test('a definition and an entity of it may be made together, and neither is left if the batch fails', async () => {
  const tenant = newTenant()
  const define = { method: 'PUT', path: '/schema/Vehicle', body: { fields: { name: 'string!', seats: 'integer?' } } }
  const failing = await send(tenant, {
    operations: [define, { method: 'POST', path: '/Vehicle', body: { name: 'Bus', seats: 'many' } }],
  })
  expect(failing).toMatchObject({ ok: false, error: { code: 'batch_failed' } })
  expect(await askRead(tenant.stub, tenant.caller, { read: 'schema', noun: 'Vehicle' })).toMatchObject({ ok: false })
  const made = await send(tenant, {
    operations: [define, { method: 'POST', path: '/Vehicle', body: { name: 'Bus', seats: 40 } }],
  })
  expect(resultsOf(made).map(({ status }) => status)).toEqual([201, 201])
  expect(await askRead(tenant.stub, tenant.caller, { read: 'count', noun: 'Vehicle' })).toMatchObject({
    body: '{"count":1}',
  })
})

test('a key belongs to one batch, atomic or not', async () => {
  const tenant = newTenant()
  await askWrite(tenant.stub, tenant.caller, { noun: 'Contact', verb: 'create', body: '{"name":"Ada"}' })
  const create = (name: string): Operation => ({ method: 'POST', path: '/Contact', body: { name } })
  for (const atomic of [true, false]) {
    const key = `key-${atomic}`
    const first = await send(tenant, { operations: [create('a'), create('b')], atomic }, key)
    const again = await send(tenant, { operations: [create('a'), create('b')], atomic }, key)
    expect(resultsOf(again)).toEqual(resultsOf(first))
    const other = await send(tenant, { operations: [create('a'), create('c')], atomic }, key)
    expect(other).toMatchObject({ ok: false, error: { code: 'idempotency_mismatch' } })
  }
  expect((await eventsOf(tenant)).length).toBe(5)
})

test.each(['/batch', '/clock', '/lake/flush'])('POST %s cannot be part of a batch', async (path) => {
  const answer = await send(newTenant(), { operations: [{ method: 'POST', path, body: {} }] })
  expect(answer).toMatchObject({ ok: false, error: { code: 'invalid_body', field: 'operations[0].path' } })
})

test('the present has no past inside a batch, and the past before it can be read', async () => {
  const tenant = newTenant()
  const made = await askWrite(tenant.stub, tenant.caller, { noun: 'Contact', verb: 'create', body: '{"name":"Ada"}' })
  const { $id, $createdAt } = bodyOf(made)
  const change: Operation = { method: 'PATCH', path: `/Contact/${String($id)}`, body: { title: 'x' } }
  const readAt = (time: string): Operation => ({ method: 'GET', path: `/Contact/${String($id)}?asOf=${time}` })
  const past = await send(tenant, { operations: [change, readAt(String($createdAt))] })
  expect(resultsOf(past)[1]).toMatchObject({ status: 200, body: { $version: 1 } })
  const future = await send(tenant, { operations: [change, readAt('2100-01-01T00:00:00Z')] })
  expect(future).toMatchObject({ ok: false, error: { detail: { details: [{ id: '1', status: 400 }] } } })
})

test('a read that has to examine too many entities is refused in a batch, and works alone', async () => {
  const caller = newTenant().caller
  const sliced = { caller, stub: env.SLICED.getByName(caller.tenant) as unknown as Tenant['stub'] }
  for (const name of ['a', 'b', 'c'])
    await askWrite(sliced.stub, caller, { noun: 'Contact', verb: 'create', body: `{"name":"${name}"}` })
  const read = { method: 'GET', path: '/Contact?title=Countess' }
  const answer = await send(sliced, { operations: [read, { method: 'POST', path: '/Contact', body: { name: 'd' } }] })
  expect(answer).toMatchObject({ ok: false, error: { code: 'batch_failed' } })
  const details = answer.ok ? [] : answer.error.detail?.['details']
  expect(details).toMatchObject([{ status: 400, problem: { code: 'scan_limit', field: 'filter' } }])
  const alone = await askRead(sliced.stub, caller, { read: 'find', noun: 'Contact', parameters: { title: 'Countess' } })
  expect(alone).toMatchObject({ ok: true })
})
