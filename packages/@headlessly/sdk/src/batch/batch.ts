// `$.batch`: writes that are one commit, all of them or none. Their results are used by each other as those of the client's
// other calls are.

import { isObject, type NounSchema } from 'digital-objects'
import { checkOptions } from '../base/check-options.ts'
import type { CallOptions } from '../calls/call-options.ts'
import { type DryRun, registerPlan } from '../calls/dry-run.ts'
import { type HappenedAt, toAt } from '../calls/happened-at.ts'
import { makeKey } from '../calls/make-key.ts'
import { parseDryRun, unexpectedAnswer } from '../calls/parse-answer.ts'
import type { Session } from '../calls/session.ts'
import type { Dry, Point } from '../entities/entity-methods.ts'
import { type Arguments, type Data, EntityWriter } from '../entities/entity-writer.ts'
import type { Committed } from './batch-methods.ts'
import { BatchCalls, BatchPlan, unsupported } from './batch-plan.ts'
import { toOperations } from './to-operations.ts'

export interface BatchOptions extends CallOptions, HappenedAt {
  /** Covers the whole batch. By default each batch gets its own key. */
  readonly idempotencyKey?: string | undefined
}

export interface Batched<Result> {
  /** The number of the commit; null if nothing had to be changed. */
  readonly commit: number | null
  /** The function's result, with entities in place of pending results. */
  readonly result: Result
}

/** `Writes` are the Nouns' methods. */
export interface Batch<Writes> {
  <Result>(write: ($: Writes) => Result, options: BatchOptions & Dry): Promise<DryRun<Batched<Committed<Result>>>>
  /**
   * Calls the function, and performs the writes that it makes, at most 100, as one commit: all of them or none. It must not
   * await anything; pass `org.$id` on instead. A refused write is thrown as `batch_failed`, whose `detail` lists all.
   */
  <Result>(write: ($: Writes) => Result, options?: BatchOptions): Promise<Batched<Committed<Result>>>
}

const batchOptions = { at: 'time', dryRun: 'boolean', idempotencyKey: 'string', signal: 'signal' } as const
const depthMax = 32

/** `schemas` is called at the first batch. */
export function makeBatch<Writes>(schemas: () => readonly NounSchema[], session: () => Session): Batch<Writes> {
  const run = async (
    write: ($: Writes) => unknown,
    options: BatchOptions & Partial<Dry> = {},
  ): Promise<DryRun<Batched<unknown>> | Batched<unknown>> => {
    checkOptions(options, { what: 'batch', kinds: batchOptions })
    if (typeof write !== 'function') throw unsupported(`expects a function, got ${typeof write}`)
    const plan = new BatchPlan()
    // The methods come from the same Nouns as the types.
    const made = write(writesOf(schemas(), plan) as Writes)
    plan.close()
    if (made instanceof Promise) throw unsupported('expects a function that is not async')
    const { writes } = plan
    const { at, idempotencyKey = makeKey(), dryRun, signal } = options
    const body = JSON.stringify({ operations: toOperations(writes) })
    const trial = dryRun === true ? { isDryRun: dryRun } : {}
    const happened = toAt('batch', at)
    const call = { kind: 'write', noun: '', verb: 'batch', body, idempotencyKey, ...happened, ...trial } as const
    const arrive = async (answered: unknown): Promise<Batched<unknown>> => {
      const { commit, results } = parseResults(answered)
      for (const [at, planned] of writes.entries()) planned.succeed({ body: results[at], bookmark: undefined })
      return { commit, result: await arrived(made) }
    }
    try {
      const answer = await session().send(call, signal)
      if (dryRun !== true) return await arrive(answer.body)
      const tried = parseDryRun<unknown, never>(answer.body)
      const result = tried.result === null ? null : await arrive(tried.result)
      return registerPlan({ ...tried, result }, async (done) => ({ ...(await arrive(done)) }))
    } catch (error) {
      for (const planned of writes) planned.fail(error)
      throw error
    }
  }
  return run as Batch<Writes>
}

function writesOf(schemas: readonly NounSchema[], plan: BatchPlan): Readonly<Record<string, object>> {
  return Object.freeze(Object.fromEntries(schemas.map((schema) => [schema.name, methodsOf(schema, plan)])))
}

function methodsOf(schema: NounSchema, plan: BatchPlan): object {
  const writer = new EntityWriter(new BatchCalls(schema, () => plan), { ifVersion: 'number', at: 'time' })
  const methods: Record<string, unknown> = {
    create: (data: Data, options?: unknown) => writer.write('create', { data, options }),
    update: (...given: Arguments) => writer.perform('update', given),
    rollback: (id: unknown, to: Point, options?: unknown) => writer.perform('rollback', [id, { ...to }, options]),
    delete: (id: unknown, options?: unknown) => void writer.perform('delete', [id, {}, options]),
  }
  for (const name of schema.disabled) {
    delete methods[name]
    if (name === 'update') delete methods['rollback']
  }
  for (const verb of Object.values(schema.verbs))
    if (verb.category === 'custom') methods[verb.name] = (...given: Arguments) => writer.perform(verb.name, given)
  return Object.freeze(methods)
}

function parseResults(body: unknown): { readonly commit: number | null; readonly results: readonly unknown[] } {
  if (!isObject(body) || !Array.isArray(body['results'])) throw unexpectedAnswer('the results of a batch')
  const { commit, results } = body
  return {
    commit: typeof commit === 'number' ? commit : null,
    results: results.map((result) => (isObject(result) ? (result['body'] ?? undefined) : undefined)),
  }
}

/** Replaces pending results, however deep, by what has arrived. */
async function arrived(value: unknown, depth = 0): Promise<unknown> {
  if (typeof value !== 'object' || value === null || depth > depthMax) return value
  if (typeof (value as { readonly then?: unknown }).then === 'function') return value
  if (Array.isArray(value)) return Promise.all(value.map((item) => arrived(item, depth + 1)))
  if (Object.getPrototypeOf(value) !== Object.prototype) return value
  const entries = Object.entries(value).map(async ([name, inner]) => [name, await arrived(inner, depth + 1)] as const)
  return Object.fromEntries(await Promise.all(entries))
}
