// Creates the methods of one Noun's entities.

import type { NounSchema } from 'digital-objects'
import { callSite } from '../base/call-site.ts'
import type { Session } from '../calls/session.ts'
import { makeEventsBy } from '../events/events-by.ts'
import { liveChanges, liveList, type LiveOptions } from '../events/live-list.ts'
import type { ChangesListener, LiveListener } from '../events/live-rows.ts'
import type { SubscribeOptions } from '../events/subscription.ts'
import type { EventListOptions } from '../events/read-events.ts'
import type { NounKey } from '../types/noun-of.ts'
import { EntityCalls } from './entity-calls.ts'
import type { EntityMethods, ManyOptions, Point, Rows, WriteOptions } from './entity-methods.ts'
import { EntityReader, type FindInput } from './entity-reader.ts'
import { type Arguments, type Data, EntityWriter } from './entity-writer.ts'
import { makeHooks } from './hooks.ts'
import type { ManyWriter } from './many-writer.ts'

interface NounLike {
  readonly $name: string
  readonly $schema: NounSchema
}

/** `session` is called at each call, so that a client can be configured at its first. */
export function makeEntityMethods<Key extends NounKey>(noun: NounLike, session: () => Session): EntityMethods<Key> {
  const calls = new EntityCalls(noun.$schema, session)
  const reader = new EntityReader(calls)
  const writer = new EntityWriter(calls)
  const many = async (): Promise<ManyWriter> => {
    const site = callSite()
    const module = await import('../later.ts')
    return new module.ManyWriter(calls, site)
  }
  const { disabled, verbs } = noun.$schema
  const methods: Record<string, unknown> = {
    $name: noun.$name,
    $definition: noun.$schema.definition.fields,
    $schema: noun.$schema,
    get: (id: unknown, options?: FindInput) => reader.get(id, options),
    find: (filter?: object, options?: FindInput) => reader.find(filter, options),
    findOne: (filter?: object, options?: FindInput) => reader.findOne(filter, options),
    count: (filter?: object, options?: FindInput) => reader.count(filter, options),
    aggregate: (filter?: object, options?: FindInput) => reader.aggregate(filter, options),
    history: (id: string, options?: EventListOptions) => reader.history(id, options),
    diff: (id: string, options?: FindInput) => reader.diff(id, options),
    live: (filter: object, listener: LiveListener<unknown>, options?: LiveOptions) =>
      liveList(
        { noun: noun.$name, session: session(), list: (of) => reader.find(of, { limit: undefined }) },
        { filter, listener, ...(options === undefined ? {} : { options }) },
      ),
    liveChanges: (filter: object, listener: ChangesListener<unknown>, options?: SubscribeOptions) =>
      liveChanges(
        { noun: noun.$name, session: session() },
        { filter, listener, ...(options === undefined ? {} : { options }) },
      ),
    ...makeEventsBy(noun.$schema, session),
  }
  if (!disabled.includes('create')) {
    methods['create'] = (data: Data, options?: WriteOptions) => writer.write('create', { data, options })
    methods['createMany'] = async (rows: Rows<Data>, options?: ManyOptions) => (await many()).createMany(rows, options)
  }
  if (!disabled.includes('update')) {
    methods['update'] = (...given: Arguments) => writer.perform('update', given)
    methods['updateMany'] = async (which: unknown, data: Data, options?: ManyOptions) =>
      (await many()).updateMany(which, data, options)
    methods['rollback'] = (id: string, to: Point, options?: WriteOptions) =>
      writer.perform('rollback', [id, { ...to }, options])
  }
  if (!disabled.includes('delete')) {
    methods['delete'] = (id: unknown, options?: WriteOptions) => writer.perform('delete', [id, {}, options])
    methods['deleteMany'] = async (which: unknown, options?: ManyOptions) => (await many()).deleteMany(which, options)
  }
  for (const verb of Object.values(verbs))
    if (verb.category === 'custom') methods[verb.name] = (...given: Arguments) => writer.perform(verb.name, given)
  Object.assign(methods, makeHooks(noun.$schema, methods, session))
  // The types of these methods come from the same Noun.
  return Object.freeze(methods) as EntityMethods<Key>
}
