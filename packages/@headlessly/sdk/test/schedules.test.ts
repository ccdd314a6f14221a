// The session over a transport that loses, delays and refuses messages: each call settles once, with the right outcome.

import { getEventListeners } from 'node:events'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type Call, type CallOf, type Parameters, referredPart, withReferred } from 'digital-objects'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Headlessly } from '../src/client/client.ts'
import { HeadlesslyError } from '../src/base/headlessly-error.ts'
import type { PlannedCall } from '../src/calls/planned-call.ts'
import { Session } from '../src/calls/session.ts'
import type { Answer, CallMessage, Outcome, Transport } from '../src/wire/transport.ts'

type Fault = 'lost request' | 'lost answer' | 'busy' | 'partly busy' | 'slow'

/** A tenant that handles messages like the server, and records them. */
class FakeTenant {
  /** The result of each key. */
  readonly done = new Map<string, { readonly request: string; readonly answer: Answer }>()
  readonly wrong: string[] = []
  messages = 0
  readonly #faults: Fault[]
  readonly #isAborted: (name: string) => boolean

  constructor(faults: readonly Fault[], isAborted: (name: string) => boolean = () => false) {
    this.#faults = [...faults]
    this.#isAborted = isAborted
  }

  transport(): Transport {
    return {
      send: (message) => this.#send(message),
      command: async () => ({ body: {}, bookmark: undefined }),
      listen: async function* () {},
    }
  }

  async #send({ calls, signal }: CallMessage): Promise<readonly Outcome[]> {
    this.messages++
    const asked = calls.filter(({ isSilent }) => isSilent !== true)
    if (asked.length === 0) this.wrong.push('a message that nobody waits for')
    for (const call of asked) if (this.#isAborted(nameOf(call))) this.wrong.push(`${nameOf(call)} after its abort`)
    const fault = this.#faults.shift()
    await rest(fault === 'slow' ? 8 : 1)
    signal?.throwIfAborted()
    if (fault === 'lost request') throw lost()
    if (fault === 'busy') return calls.map(() => busy())
    const outcomes: Outcome[] = []
    for (const [at, call] of calls.entries())
      outcomes.push(fault === 'partly busy' && at % 2 === 0 ? busy() : this.#answer(call, outcomes))
    await rest(1)
    if (fault === 'lost answer') throw lost()
    return outcomes.map((one, at) => (calls[at]?.isSilent === true ? { body: undefined, bookmark: undefined } : one))
  }

  #answer(call: Call, earlier: readonly Outcome[]): Outcome {
    const { references = [], ...own } = call
    let resolved: Call = own
    for (const reference of references) {
      const referred = earlier[reference.call]
      if (referred === undefined) this.wrong.push(`${nameOf(call)} refers to what is not before it`)
      if (referred === undefined || referred instanceof Error) return referred ?? busy()
      const value = referredPart(referred.body, reference.path)
      if (value === undefined) return refused('invalid_reference', 'nothing there')
      resolved = withReferred(resolved, reference, value)
    }
    return resolved.kind === 'write' ? this.#write(resolved) : read(resolved)
  }

  #write(call: CallOf<'write'>): Outcome {
    const { idempotencyKey = '', body } = call
    const before = this.done.get(idempotencyKey)
    if (before !== undefined && before.request !== body) this.wrong.push(`${idempotencyKey} with another body`)
    if (before !== undefined) return before.answer
    const data = JSON.parse(body) as { bad: boolean; from: string | null }
    if (data.bad) return refused('validation_error', idempotencyKey)
    const answer = {
      body: { $id: `made by ${idempotencyKey}`, from: data.from },
      bookmark: `log.${this.done.size + 1}`,
    }
    this.done.set(idempotencyKey, { request: body, answer })
    return answer
  }
}

function read(call: Call): Outcome {
  const { bad, op, filter = '{}' } = parametersOf(call)
  if (bad === 'true') return refused('invalid_filter', String(op))
  const { from } = JSON.parse(filter) as { from?: string | null }
  return { body: { $id: `read by ${op}`, from: from ?? null }, bookmark: undefined }
}

function nameOf(call: Call): string {
  return call.kind === 'write' ? (call.idempotencyKey ?? '') : (parametersOf(call)['op'] ?? '')
}

function parametersOf(call: Call): Parameters {
  return 'parameters' in call ? call.parameters : {}
}

const rest = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms))
const lost = (): HeadlesslyError => new HeadlesslyError({ code: 'network_error', message: 'lost' })
const busy = (): HeadlesslyError =>
  new HeadlesslyError({ code: 'overloaded', message: 'busy', status: 503, retryAfterMs: 1 })
const refused = (code: 'validation_error' | 'invalid_filter' | 'invalid_reference', message: string): HeadlesslyError =>
  new HeadlesslyError({ code, message, status: 422 })

interface Step {
  /** `silent` is a read that other calls use, and that may be awaited later. */
  readonly kind: 'write' | 'read' | 'silent'
  /** The earlier call that it refers to, counted backwards; out of range for none. */
  readonly refersTo: number
  readonly isBad: boolean
  readonly abort: 'never' | 'before' | 'soon' | 'later'
  readonly restMs: number
  readonly askedAfterMs: number
}

interface Made {
  readonly step: Step
  readonly name: string
  readonly planned: PlannedCall
  readonly refersTo: Made | undefined
  readonly aborting: AbortController
  ending?: Promise<PromiseSettledResult<Answer>>
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record<Step>({
    kind: fc.constantFrom('write', 'read', 'silent'),
    refersTo: fc.nat(6),
    isBad: fc.nat(9).map((one) => one === 0),
    abort: fc.constantFrom('never', 'never', 'never', 'never', 'before', 'soon', 'later'),
    restMs: fc.constantFrom(0, 0, 0, 0, 1, 3),
    askedAfterMs: fc.constantFrom(0, 0, 1, 2, 4, 8),
  }),
  { minLength: 1, maxLength: 14 },
)
// Fewer failures than a first call has attempts, so that none of them fails a call.
const faults = fc.array(fc.constantFrom<Fault[]>('lost request', 'lost answer', 'busy', 'partly busy', 'slow'), {
  maxLength: 3,
})

function plan(session: Session, step: Step, made: readonly Made[]): Made {
  const name = `op ${made.length}`
  const refersTo = step.refersTo === 0 ? undefined : made[made.length - step.refersTo]
  const aborting = new AbortController()
  const path = ['$id']
  const { signal } = aborting
  const planned =
    step.kind === 'write'
      ? session.plan(
          {
            kind: 'write',
            noun: 'Contact',
            verb: 'create',
            body: JSON.stringify({ bad: step.isBad, from: null }),
            idempotencyKey: name,
          },
          { signal, links: refersTo === undefined ? [] : [{ to: refersTo.planned, path, into: 'body', at: ['from'] }] },
        )
      : session.plan(
          {
            kind: 'read',
            read: 'find',
            noun: 'Contact',
            parameters: { op: name, bad: String(step.isBad), filter: '{"from":null}' },
          },
          {
            signal,
            links: refersTo === undefined ? [] : [{ to: refersTo.planned, path, into: 'filter', at: ['from'] }],
          },
        )
  return { step, name, planned, refersTo, aborting }
}

async function ask(made: Made): Promise<void> {
  const { step, aborting, planned } = made
  if (step.kind === 'silent') await rest(step.askedAfterMs)
  if (step.abort === 'before') aborting.abort(new Error('aborted'))
  const ending = Promise.allSettled([planned.answer()])
  made.ending = ending.then(([result]) => result)
  if (step.abort === 'soon') setTimeout(() => aborting.abort(new Error('aborted')), 0)
  if (step.abort === 'later') setTimeout(() => aborting.abort(new Error('aborted')), 4)
  await ending
}

describe('whatever is lost, delayed or refused', () => {
  test('each call settles once, a write is performed once, and a call fails with the call that it refers to', async () => {
    await fc.assert(
      fc.asyncProperty(steps, faults, async (steps, faults) => {
        const made: Made[] = []
        const tenant = new FakeTenant(
          faults,
          (name) => made.find((one) => one.name === name)?.aborting.signal.aborted === true,
        )
        const session = new Session({
          transport: tenant.transport(),
          tenant: 'acme',
          context: '',
          pause: () => rest(3),
        })
        const asked: Promise<void>[] = []
        for (const step of steps) {
          const one = plan(session, step, made)
          made.push(one)
          // Some silent calls are never awaited.
          if (step.kind !== 'silent' || step.askedAfterMs > 0) asked.push(ask(one))
          if (step.restMs > 0) await rest(step.restMs)
        }
        const isOver = await Promise.race([Promise.all(asked).then(() => true), rest(2_000).then(() => false)])
        expect(isOver, 'all calls have come to an end').toBe(true)
        expect(tenant.wrong).toEqual([])
        for (const one of made) {
          if (one.ending === undefined) continue
          const result = await one.ending
          const before = one.refersTo?.planned.settled
          if (result.status === 'fulfilled') {
            const { refersTo, step, name } = one
            const from = refersTo && `${refersTo.step.kind === 'write' ? 'made' : 'read'} by ${refersTo.name}`
            expect(result.value.body).toEqual({
              $id: `${step.kind === 'write' ? 'made' : 'read'} by ${name}`,
              from: from ?? null,
            })
            expect(one.step.isBad).toBe(false)
          } else {
            const isAborted = one.aborting.signal.aborted
            const { refersTo } = one
            const isAnothers =
              (before !== undefined && 'error' in before) || (refersTo?.ending === undefined && failsAlone(refersTo))
            expect([one.step.isBad, isAborted, isAnothers], `${one.name}: ${String(result.reason)}`).toContain(true)
          }
          expect(getEventListeners(one.aborting.signal, 'abort')).toHaveLength(0)
        }
      }),
      { numRuns: Number(process.env['RUNS'] ?? 60) },
    )
  })
})

const creation = (idempotencyKey: string): Call => ({
  kind: 'write',
  noun: 'Contact',
  verb: 'create',
  body: '{"bad":false,"from":null}',
  idempotencyKey,
})
const sessionOf = (transport: Transport): Session =>
  new Session({ transport, tenant: 'acme', context: '', pause: () => rest(1) })

test('a write that waits for a subscription is not sent early by a read that refers to it', async () => {
  const tenant = new FakeTenant([])
  const session = sessionOf(tenant.transport())
  let isOpen = false
  const subscribed = Promise.withResolvers<void>()
  session.holdWrites(subscribed.promise.then(() => (isOpen = true)))
  const write = session.plan(creation('held'))
  const read = session.plan(
    { kind: 'read', read: 'find', noun: 'Contact', parameters: { op: 'reader', filter: '{"from":null}' } },
    { links: [{ to: write, path: ['$id'], into: 'filter', at: ['from'] }] },
  )
  const both = Promise.all([write.answer(), read.answer()])
  await rest(10)
  expect([isOpen, tenant.messages]).toEqual([false, 0])
  subscribed.resolve()
  await both
  expect([isOpen, tenant.messages]).toEqual([true, 1])
})

test('calls of one tick are one message, also while answers arrive', async () => {
  const tenant = new FakeTenant([])
  const session = sessionOf(tenant.transport())
  await Promise.all(
    Array.from({ length: 16 }, async (_, at) => {
      await session.send(creation(`first ${at}`))
      // Made in the task in which the answer arrived, but one after the other.
      const made = [session.send(creation(`second ${at}`))]
      for (let turn = 0; turn < 20; turn++) await Promise.resolve()
      await Promise.all([...made, session.send(creation(`third ${at}`))])
    }),
  )
  expect(tenant.messages).toBe(2)
})

test('a read that fails before it is awaited is not an unhandled rejection, and rejects when it is awaited', async () => {
  const absent = new HeadlesslyError({ code: 'not_found', message: 'no', status: 404, detail: { id: 'x' } })
  const transport: Transport = { ...new FakeTenant([]).transport(), send: async ({ calls }) => calls.map(() => absent) }
  const client = Headlessly({ tenant: 'acme', transport })
  const unhandled: unknown[] = []
  const note = (reason: unknown): void => void unhandled.push(reason)
  process.on('unhandledRejection', note)
  const contact = client.Contact.get('contact_0123456789AB')
  const count = client.Contact.count()
  await rest(20)
  process.off('unhandledRejection', note)
  expect(unhandled).toEqual([])
  expect(await contact).toBeNull()
  await expect(count).rejects.toEqual(absent)
})

test('a call that refers to more calls than fit in a message is refused, and the others of its tick are not', async () => {
  const session = sessionOf(new FakeTenant([]).transport())
  const first = session.plan({ kind: 'read', read: 'find', noun: 'Contact', parameters: { op: 'first' } })
  let last = first
  for (let count = 0; count < 50_000; count++) {
    const call: Call = { kind: 'read', read: 'find', noun: 'Contact', parameters: { filter: '{"from":null}' } }
    last = session.plan(call, { links: [{ to: last, path: ['$id'], into: 'filter', at: ['from'] }] })
  }
  const [deep, other] = await Promise.allSettled([last.answer(), session.send(creation('other'))])
  expect(deep).toMatchObject({ status: 'rejected', reason: { code: 'invalid_reference' } })
  expect(other).toMatchObject({ status: 'fulfilled' })
})

test('a long chain of awaited calls is sent in several messages, whichever call is awaited first', async () => {
  const tenant = new FakeTenant([])
  const session = sessionOf(tenant.transport())
  const chain = [session.plan(creation('0'))]
  for (let count = 1; count < 350; count++) {
    const [to] = chain
    const links = to === undefined ? [] : [{ to, path: ['$id'], into: 'body' as const, at: ['from'] }]
    chain.unshift(session.plan(creation(`${count}`), { links }))
  }
  const [last] = await Promise.all(chain.map((one) => one.answer()))
  expect(last?.body).toEqual({ $id: 'made by 349', from: 'made by 348' })
  expect(tenant.wrong).toEqual([])
  expect(tenant.messages).toBeLessThan(12)
})

test('a long chain of calls may be extended while it is being sent', async () => {
  const tenant = new FakeTenant([])
  const session = sessionOf(tenant.transport())
  const following = (key: string, to: PlannedCall): PlannedCall =>
    session.plan(creation(key), { links: [{ to, path: ['$id'], into: 'body', at: ['from'] }] })
  const chain = [session.plan(creation('0'))]
  const asked: Promise<Answer>[] = []
  for (let count = 1; count < 350; count++) chain.push(following(`${count}`, chain.at(-1) as PlannedCall))
  for (const one of chain) asked.push(one.answer())
  // The first hundred calls are in progress by then.
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
  const last = await following('last', chain.at(-1) as PlannedCall).answer()
  await Promise.all(asked)
  expect(last.body).toEqual({ $id: 'made by last', from: 'made by 349' })
  expect(tenant.messages).toBeLessThan(8)
})

test('settled calls are not kept in memory', async () => {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  const session = sessionOf(new FakeTenant(['lost answer', 'partly busy']).transport())
  const send = async (): Promise<readonly WeakRef<PlannedCall>[]> => {
    const planned = Array.from({ length: 20 }, (_, at) => session.plan(creation(`${at}`)))
    await Promise.all(planned.map((one) => one.answer()))
    return planned.map((one) => new WeakRef(one))
  }
  const references = await send()
  await rest(20)
  if (typeof collect === 'function') collect()
  expect(references.filter((one) => one.deref() !== undefined)).toEqual([])
})

/** Whether a call that was never awaited failed, itself or with the call that it refers to. */
function failsAlone(made: Made | undefined): boolean {
  if (made === undefined) return false
  const before = made.planned.settled ?? made.refersTo?.planned.settled
  return made.step.isBad || (before !== undefined && 'error' in before) || failsAlone(made.refersTo)
}
