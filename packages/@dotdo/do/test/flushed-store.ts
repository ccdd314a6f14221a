// A tenant's store whose files go to an object store of the test's own, in a Durable Object of its own.

import { env, runInDurableObject } from 'cloudflare:test'
import { MemoryObjectStore, type ObjectStore } from '@dotdo/db'
import {
  applyDefaults,
  type EntityFields,
  idMaker,
  Noun,
  type NounSchema,
  ObjectError,
  validateCreate,
} from 'digital-objects'
import type { Change, Written } from '../src/commit.ts'
import { defaultFlushSettings, type FlushSettings } from '../src/flush/flush-settings.ts'
import type { Flusher } from '../src/flush/flusher.ts'
import { noHooks } from '../src/hooks.ts'
import { TenantStore } from '../src/tenant-store.ts'

export const Robot = Noun('Robot', {
  name: 'string!',
  serial: 'string?##',
  power: 'number?#',
  maker: '-> Maker.robots',
  mood: 'Calm | Angry',
  seenAt: 'datetime?',
  notes: 'json?',
  calm: 'Calmed',
}).$schema
export const Maker = Noun('Maker', { name: 'string!', robots: '<- Robot.maker[]' }).$schema
export const schemas: readonly NounSchema[] = [Robot, Maker]
export const lookup = (name: string): NounSchema | undefined => schemas.find((schema) => schema.name === name)
const place = { name: 'acme', context: 'http://localhost/~acme' }

export interface Flushed {
  readonly store: TenantStore
  readonly flusher: Flusher
  readonly files: ObjectStore
  readonly storage: DurableObjectStorage
  readonly clock: { ms: number }
  create(fields: EntityFields, schema?: NounSchema): Promise<Written>
  update(target: string, fields: EntityFields): Promise<Written>
  remove(target: string): Promise<Written>
  restore(target: string): Promise<Written>
  /** What comes after the process is gone: nothing in memory stays. */
  restart(): Flushed
}

export interface FlushedOptions {
  readonly files?: ObjectStore
  readonly settings?: Partial<FlushSettings>
}

export function inFlushedStore<Result>(
  work: (flushed: Flushed) => Promise<Result>,
  options: FlushedOptions = {},
): Promise<Result> {
  const stub = env.BARE.get(env.BARE.newUniqueId())
  return runInDurableObject(stub, (_, state) =>
    work(
      flushedStore({
        storage: state.storage,
        files: options.files ?? new MemoryObjectStore(),
        clock: { ms: Date.UTC(2026, 9, 20) },
        settings: options.settings ?? {},
      }),
    ),
  )
}

function flushedStore(parts: {
  readonly storage: DurableObjectStorage
  readonly files: ObjectStore
  readonly clock: { ms: number }
  readonly settings: Partial<FlushSettings>
}): Flushed {
  const { storage, files, clock, settings } = parts
  const makeId = idMaker({ random: (count) => crypto.getRandomValues(new Uint8Array(count)) })
  const store = new TenantStore({
    storage,
    lookup,
    hooks: noHooks,
    validate: checked,
    makeId: (prefix, nowMs) => makeId({ prefix, nowMs }),
    makeEpoch: () => 'e1',
    now: () => clock.ms,
    log: () => {},
    lake: { store: files, settings: { ...defaultFlushSettings, ...settings } },
    committed: () => {},
  })
  const { flusher } = store
  if (flusher === undefined) throw new Error('the store has a lake')
  const write = (change: Omit<Change, 'actor' | 'via'>): Promise<Written> => {
    clock.ms += 1
    return store.write({ actor: 'user_1', via: 'rest', ...change }, place)
  }
  return {
    store,
    flusher,
    files,
    storage,
    clock,
    create: (fields, schema = Robot) =>
      write({
        schema,
        verb: verbOf(schema, 'create'),
        kind: 'create',
        decide: () => checked(schema, applyDefaults(schema, fields)),
      }),
    update: (target, fields) =>
      write({
        schema: Robot,
        verb: verbOf(Robot, 'update'),
        kind: 'change',
        target,
        decide: ({ current }) => ({ ...current, ...fields }),
      }),
    remove: (target) =>
      write({
        schema: Robot,
        verb: verbOf(Robot, 'delete'),
        kind: 'remove',
        target,
        decide: ({ current }) => current ?? {},
      }),
    restore: (target) =>
      write({
        schema: Robot,
        verb: verbOf(Robot, 'update'),
        kind: 'restore',
        target,
        decide: () => ({ name: 'back' }),
      }),
    restart: () => flushedStore(parts),
  }
}

function verbOf(schema: NounSchema, name: string): Change['verb'] {
  const verb = schema.verbs[name]
  if (verb === undefined) throw new Error(`no ${name}`)
  return verb
}

function checked(schema: NounSchema, fields: EntityFields): EntityFields {
  const validated = validateCreate(schema, fields)
  if (validated.ok) return validated.fields
  throw new ObjectError({ code: 'validation_error', message: 'not valid', faults: validated.faults })
}
