// Methods of an entity type whose name is known only at run time.

import type { AggregatePage, Client, DryRun, ManyResult, ObjectEvent, Page } from '@headlessly/sdk'

export interface Entity {
  readonly $id: string
  readonly $type: string
  readonly $version: number
  readonly $createdAt: string
  readonly $updatedAt: string
  readonly [field: string]: unknown
}

export interface Group {
  readonly by: Readonly<Record<string, unknown>>
  readonly count: number
  readonly sum?: Readonly<Record<string, number | null>>
}

export interface AnyEntity {
  get(id: string, options?: object): Promise<Entity | null>
  find(filter: object, options?: object): Promise<Page<Entity>>
  aggregate(filter: object, options?: object): Promise<AggregatePage<Group>>
  history(id: string, options?: object): Promise<Page<ObjectEvent>>
  /** Returns the events that made a version; by default the latest one. */
  changesOf(id: string, version?: number): Promise<readonly ObjectEvent[]>
  /** Calls `create`, `update`, `delete` or a verb. */
  perform(verb: string, ...given: readonly unknown[]): Promise<Entity | null>
  /** Returns what a write would do. */
  tryOut(verb: string, ...given: readonly unknown[]): Promise<DryRun<Entity>>
  /** Calls `updateMany` or `deleteMany`. */
  many(method: 'updateMany' | 'deleteMany', ...given: readonly unknown[]): Promise<ManyResult>
  tryMany(method: 'updateMany' | 'deleteMany', ...given: readonly unknown[]): Promise<DryRun<ManyResult>>
}

/** Answers of the client are the server's contract, so they are not checked again. */
export function anyEntity(client: Client, noun: string): AnyEntity {
  const methods: unknown = Reflect.get(client, noun)
  const call = async (method: string, given: readonly unknown[]): Promise<unknown> => {
    const found: unknown = typeof methods === 'object' && methods !== null ? Reflect.get(methods, method) : undefined
    if (typeof found !== 'function') throw new Error(`${noun} has no method ${method}`)
    return Reflect.apply(found, methods, given)
  }
  return {
    get: async (id, options = {}) => (await call('get', [id, options])) as Entity | null,
    find: async (filter, options = {}) => (await call('find', [filter, options])) as Page<Entity>,
    aggregate: async (filter, options = {}) => (await call('aggregate', [filter, options])) as AggregatePage<Group>,
    history: async (id, options = {}) => (await call('history', [id, options])) as Page<ObjectEvent>,
    changesOf: async (id, version) => {
      const span = version === undefined ? {} : { from: version - 1, to: version }
      return ((await call('diff', [id, span])) as { readonly events: readonly ObjectEvent[] }).events
    },
    perform: async (verb, ...given) => ((await call(verb, given)) ?? null) as Entity | null,
    tryOut: async (verb, ...given) => (await call(verb, given)) as DryRun<Entity>,
    many: async (method, ...given) => (await call(method, given)) as ManyResult,
    tryMany: async (method, ...given) => (await call(method, given)) as DryRun<ManyResult>,
  }
}
