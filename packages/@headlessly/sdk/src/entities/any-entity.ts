// Methods of an entity type whose name is known only at run time, for programs that work with every type.

import type { ObjectEvent } from 'digital-objects'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import type { DryRun } from '../calls/dry-run.ts'
import type { Listing } from '../calls/listing.ts'
import type { ChangesListener } from '../events/live-rows.ts'
import type { SubscribeOptions, Unsubscribe } from '../events/subscription.ts'
import type { AggregatePage, ManyResult } from './entity-methods.ts'

export interface AnyRow {
  readonly $id: string
  readonly $type: string
  readonly $version: number
  readonly $createdAt: string
  readonly $updatedAt: string
  readonly [field: string]: unknown
}

export interface AnyGroup {
  readonly by: Readonly<Record<string, unknown>>
  readonly count: number
  readonly sum?: Readonly<Record<string, number | null>>
  readonly [calculation: string]: unknown
}

/** Arguments are checked by the methods themselves, which refuse what does not fit. */
export interface AnyEntity {
  get(id: string, options?: object): Promise<AnyRow | null>
  find(filter: object, options?: object): Listing<AnyRow>
  count(filter: object, options?: object): Promise<number>
  aggregate(filter: object, options?: object): Promise<AggregatePage<AnyGroup>>
  history(id: string, options?: object): Listing<ObjectEvent>
  liveChanges(filter: object, listener: ChangesListener<AnyRow>, options?: SubscribeOptions): Unsubscribe
  /** Returns the events that made a version; by default the latest one. */
  changesOf(id: string, version?: number): Promise<readonly ObjectEvent[]>
  /** Calls `create`, `update`, `delete`, `rollback` or a verb with its method's arguments. */
  perform(method: string, ...given: readonly unknown[]): Promise<AnyRow | null>
  /** Returns what a write would do; the options among its arguments have `dryRun`. */
  tryOut(method: string, ...given: readonly unknown[]): Promise<DryRun<AnyRow>>
  many(method: 'updateMany' | 'deleteMany', ...given: readonly unknown[]): Promise<ManyResult>
  tryMany(method: 'updateMany' | 'deleteMany', ...given: readonly unknown[]): Promise<DryRun<ManyResult>>
}

/** Answers are the server's contract, so they are not checked again. Throws `not_found` for a method that the type lacks. */
export function anyEntity(client: object, noun: string): AnyEntity {
  const methods: unknown = Reflect.get(client, noun)
  const call = (method: string, given: readonly unknown[]): unknown => {
    const found: unknown = typeof methods === 'object' && methods !== null ? Reflect.get(methods, method) : undefined
    if (typeof found === 'function') return Reflect.apply(found, methods, given)
    throw new HeadlesslyError({ code: 'not_found', field: 'verb', message: `${noun} has no method '${method}'` })
  }
  return {
    get: async (id, options = {}) => (await call('get', [id, options])) as AnyRow | null,
    find: (filter, options = {}) => call('find', [filter, options]) as Listing<AnyRow>,
    count: async (filter, options = {}) => Number(await call('count', [filter, options])),
    aggregate: async (filter, options = {}) => (await call('aggregate', [filter, options])) as AggregatePage<AnyGroup>,
    history: (id, options = {}) => call('history', [id, options]) as Listing<ObjectEvent>,
    liveChanges: (filter, listener, options = {}) => call('liveChanges', [filter, listener, options]) as Unsubscribe,
    changesOf: async (id, version) => {
      const span = version === undefined ? {} : { from: version - 1, to: version }
      return ((await call('diff', [id, span])) as { readonly events: readonly ObjectEvent[] }).events
    },
    perform: async (method, ...given) => ((await call(method, given)) ?? null) as AnyRow | null,
    tryOut: async (method, ...given) => (await call(method, given)) as DryRun<AnyRow>,
    many: async (method, ...given) => (await call(method, given)) as ManyResult,
    tryMany: async (method, ...given) => (await call(method, given)) as DryRun<ManyResult>,
  }
}
