// Batches against a transport that records them, and performs references as the server does.

import { type CallOf, referredPart } from 'digital-objects'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { HeadlesslyError } from '../src/base/headlessly-error.ts'
import { Headlessly } from '../src/client/client.ts'
import type { CallMessage, Outcome, Transport } from '../src/wire/transport.ts'

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))

interface Operation {
  readonly id: string
  readonly method: string
  readonly path: string | { readonly $ref: string; readonly path: string }
  readonly body?: Readonly<Record<string, unknown>>
  readonly ifVersion?: number
}

/** Performs batches: an entity has its operation's fields, with references replaced. */
class FakeServer {
  readonly sent: CallOf<'write'>[] = []
  readonly operations: Operation[] = []
  /** The resolved paths and bodies. */
  readonly done: { readonly path: string; readonly body: unknown }[] = []
  refuse: HeadlesslyError | undefined

  transport(): Transport {
    return {
      send: async ({ calls }: CallMessage) => calls.map((call) => this.#answer(call as CallOf<'write'>)),
      command: () => Promise.reject(new Error('no command')),
      listen: async function* () {},
    }
  }

  #answer(call: CallOf<'write'>): Outcome {
    this.sent.push(call)
    if (this.refuse !== undefined) return this.refuse
    if (call.verb !== 'batch') return { body: {}, bookmark: undefined }
    const { operations } = JSON.parse(call.body) as { operations: readonly Operation[] }
    this.operations.push(...operations)
    const bodies: unknown[] = []
    for (const { path, body } of operations) {
      const resolved = typeof path === 'string' ? path : concatenated(path.path, bodies[Number(path.$ref)])
      const made = { $id: `contact_${String(bodies.length).padStart(12, '0')}`, ...(resolve(body, bodies) as object) }
      this.done.push({ path: resolved, body: resolve(body, bodies) })
      bodies.push(made)
    }
    const results = bodies.map((body, at) => ({ id: String(at), status: 200, body }))
    const result = { results, commit: 7 }
    const isDryRun = call.isDryRun === true
    const tried = { dryRun: true, events: [], refusals: [], result, plan: 'plan_1' }
    return { body: isDryRun ? tried : result, bookmark: 'e.7' }
  }
}

function resolve(value: unknown, results: readonly unknown[]): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => resolve(item, results))
  if ('$ref' in value && 'path' in value)
    return referredPart(results[Number(value.$ref)], String(value.path).split('.'))
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, resolve(inner, results)]))
}

function concatenated(text: string, result: unknown): string {
  const parts = /^concat\((.*)\)$/.exec(text)?.[1]?.split(', ') ?? []
  return parts
    .map((part) => (part.startsWith("'") ? part.slice(1, -1) : String(referredPart(result, part.split('.')))))
    .join('')
}

function newClient() {
  const server = new FakeServer()
  return { server, $: Headlessly({ tenant: 'acme', transport: server.transport() }) }
}

test('writes are sent as one call, in order, with references to earlier results', async () => {
  const { $, server } = newClient()
  const { commit, result } = await $.batch((tx) => {
    const org = tx.Organization.create({ name: 'Acme' })
    const ada = tx.Contact.create({ name: 'Ada', organization: org.$id, metadata: { from: [org.name] } as never })
    tx.Contact.qualify(ada.$id, { leadScore: 3 })
    tx.Contact.update('contact_0123456789AB', { name: 'Bo' }, { ifVersion: 2 })
    tx.Contact.delete(ada.$id)
    tx.Contact.rollback('contact_0123456789AB', { version: 1 })
    tx.Contact.capture({ name: 'Cy' })
    return { ada, names: [org.name, 'Bo'] }
  })
  expect(server.sent).toMatchObject([{ kind: 'write', noun: '', verb: 'batch' }])
  expect(server.operations).toEqual([
    { id: '0', method: 'POST', path: '/Organization', body: { name: 'Acme' } },
    {
      id: '1',
      method: 'POST',
      path: '/Contact',
      body: {
        name: 'Ada',
        organization: { $ref: '0', path: '$id' },
        metadata: { from: [{ $ref: '0', path: 'name' }] },
      },
    },
    {
      id: '2',
      method: 'POST',
      path: { $ref: '1', path: "concat('/Contact/', $id, '/qualify')" },
      body: { leadScore: 3 },
    },
    { id: '3', method: 'PATCH', path: '/Contact/contact_0123456789AB', body: { name: 'Bo' }, ifVersion: 2 },
    { id: '4', method: 'DELETE', path: { $ref: '1', path: "concat('/Contact/', $id)" } },
    { id: '5', method: 'POST', path: '/Contact/contact_0123456789AB/rollback', body: { version: 1 } },
    { id: '6', method: 'POST', path: '/Contact/capture', body: { name: 'Cy' } },
  ])
  expect(commit).toBe(7)
  expect(result).toMatchObject({ ada: { name: 'Ada', metadata: { from: ['Acme'] } }, names: ['Acme', 'Bo'] })
  expect($.bookmark).toBe('e.7')
})

test(`whatever writes refer to, each gets the values of those before it (seed ${seed})`, () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ of: fc.nat(20), kind: fc.constantFrom('create', 'update', 'deep', 'verb') }), {
        minLength: 1,
        maxLength: 30,
      }),
      async (steps) => {
        const { $, server } = newClient()
        const { result } = await $.batch((tx) => {
          const made = [tx.Contact.create({ name: 'first' })]
          for (const { of, kind } of steps) {
            const earlier = made[of % made.length] ?? tx.Contact.create({ name: 'none' })
            if (kind === 'create') made.push(tx.Contact.create({ name: earlier.$id }))
            if (kind === 'deep')
              made.push(tx.Contact.create({ name: 'x', metadata: { a: [{ b: earlier.name }] } as never }))
            if (kind === 'update') made.push(tx.Contact.update(earlier.$id, { name: earlier.$id }))
            if (kind === 'verb') made.push(tx.Contact.qualify(earlier.$id))
          }
          return made
        })
        const idOf = (at: number): string => `contact_${String(at).padStart(12, '0')}`
        for (const [at, { of, kind }] of steps.entries()) {
          const { path, body } = server.done[at + 1] ?? {}
          const earlier = of % (at + 1)
          const own = server.done[earlier]?.body as { readonly name?: string }
          if (kind === 'create') expect(body).toEqual({ name: idOf(earlier) })
          if (kind === 'deep') expect(body).toEqual({ name: 'x', metadata: { a: [{ b: own.name }] } })
          if (kind === 'update') expect(path).toBe(`/Contact/${idOf(earlier)}`)
          if (kind === 'verb') expect(path).toBe(`/Contact/${idOf(earlier)}/qualify`)
        }
        expect(result).toHaveLength(steps.length + 1)
      },
    ),
    { seed, numRuns: 30 },
  ))

test('a dry run returns what the function would, and its plan', async () => {
  const { $, server } = newClient()
  const tried = await $.batch((tx) => ({ ada: tx.Contact.create({ name: 'Ada' }) }), { dryRun: true })
  expect(server.sent[0]).toMatchObject({ isDryRun: true })
  expect(tried).toMatchObject({ dryRun: true, plan: 'plan_1', result: { commit: 7, result: { ada: { name: 'Ada' } } } })
})

test('a refusal is thrown once, and is no unhandled rejection of a write', async () => {
  const { $, server } = newClient()
  server.refuse = new HeadlesslyError({ code: 'batch_failed', message: 'operation 1 failed', status: 422 })
  const batch = $.batch((tx) => [tx.Contact.create({ name: 'a' }), tx.Contact.create({ name: 'b' })])
  await expect(batch).rejects.toMatchObject({ code: 'batch_failed', status: 422 })
  await new Promise((resolve) => setTimeout(resolve, 5))
})

test('mistakes are refused before anything is sent, and say what to do', async () => {
  const { $, server } = newClient()
  const pending = $.Organization.create({ name: 'outside' })
  const mistakes: [() => Promise<unknown>, string][] = [
    [() => $.batch(async (tx) => tx.Contact.create({ name: 'a' })), 'expects a function that is not async'],
    [() => $.batch((tx) => tx.Contact.create({ name: 'a', organization: pending.$id })), 'await others first'],
    [() => $.batch((tx) => Array.from({ length: 101 }, () => tx.Contact.create({ name: 'a' }))), 'at most 100 writes'],
    [() => $.batch((tx) => tx.Contact.qualify('deal_0123456789AB')), 'expects the id of the Contact'],
    [() => $.batch('x' as never), 'expects a function, got string'],
    [() => $.batch((tx) => tx.Contact.create({ name: 'a' }), { atomik: true } as never), "no option 'atomik'"],
    [
      () => $.batch((tx) => tx.Contact.update('contact_0123456789AB', {}, { dryRun: true } as never)),
      "no option 'dryRun'",
    ],
  ]
  for (const [mistake, message] of mistakes) await expect(mistake()).rejects.toThrow(message)
  expect(server.sent.filter(({ verb }) => verb === 'batch')).toEqual([])
})

test('a write after the function has returned is refused, since nothing would send it', async () => {
  const { $ } = newClient()
  let late = (): unknown => undefined
  await $.batch((tx) => {
    late = () => tx.Contact.create({ name: 'late' })
    return tx.Contact.create({ name: 'a' })
  })
  expect(() => late()).toThrow('must not wait')
})
