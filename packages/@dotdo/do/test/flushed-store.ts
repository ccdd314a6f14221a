// A tenant's store for tests, in its own Durable Object, with its own object store for files.

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
import type { Change, Written } from '../src/write/change.ts'
import { filesLane } from '../src/flush/files-lane.ts'
import { defaultFlushSettings, type FlushSettings } from '../src/flush/flush-settings.ts'
import type { TenantLake } from '../src/flush/tenant-lake.ts'
import { type Hooks, noHooks } from '../src/write/hooks.ts'
import { composeTenant, type TenantParts, type TenantStoreOptions } from '../src/compose-tenant.ts'
import { TenantStore } from '../src/tenant-store.ts'

export const Robot = Noun(
  'Robot',
  {
    name: 'string!',
    serial: 'string?##',
    power: 'number?#',
    maker: '-> Maker.robots',
    mood: 'Calm | Angry',
    seenAt: 'datetime?',
    notes: 'json?',
    calm: 'Calmed',
  },
  // Robots of deleted makers are a case that the tests of reads need.
  { onDelete: { maker: 'keep' } },
).$schema
export const Maker = Noun('Maker', { name: 'string!', robots: '<- Robot.maker[]' }).$schema
export const schemas: readonly NounSchema[] = [Robot, Maker]
export const lookup = (name: string): NounSchema | undefined => schemas.find((schema) => schema.name === name)
const place = { name: 'acme', context: 'http://localhost/~acme' }

export interface Flushed {
  readonly store: TenantStore
  /** The parts of the store, for inspection. */
  readonly parts: TenantParts
  readonly lake: TenantLake
  /** Runs one step of the jobs that change files, if one is due. */
  run(): Promise<void>
  /** Flushes everything and compacts the files. */
  drain(): Promise<void>
  readonly files: ObjectStore
  readonly storage: DurableObjectStorage
  readonly clock: { ms: number }
  /** The messages logged for the operator. */
  readonly logged: string[]
  create(fields: EntityFields, schema?: NounSchema): Promise<Written>
  update(target: string, fields: EntityFields, schema?: NounSchema): Promise<Written>
  remove(target: string, schema?: NounSchema): Promise<Written>
  restore(target: string, schema?: NounSchema): Promise<Written>
  write(change: Omit<Change, 'actor' | 'via'>): Promise<Written>
  /** Advances the clock to the alarm and fires it. Returns its time, or undefined without one. Needs a clock in the future. */
  ring(): Promise<number | undefined>
  /** Restarts the process, which loses all memory. The next program may have other definitions. */
  restart(program?: Partial<Program>): Flushed
}

/** The settings that a deployment may change. */
export interface Program {
  readonly schemas: readonly NounSchema[]
  readonly settings: Partial<FlushSettings>
  readonly hooks: Hooks
  readonly jobs: NonNullable<TenantStoreOptions['jobs']>
  readonly slices: NonNullable<TenantStoreOptions['slices']>
}

export interface FlushedOptions extends Partial<Program> {
  readonly files?: ObjectStore
  /** The clock starts in the future, because the platform fires alarms for past times at once. */
  readonly startMs?: number
  /** Limits the time of a call to the object store. */
  readonly callMsMax?: number
  /** The epoch of the log. */
  readonly epoch?: string
  /** Runs before the store is created. */
  readonly prepare?: (storage: DurableObjectStorage) => void
}

/** Prevents the platform's alarms from firing during a test. */
export const futureMs = Date.UTC(2040, 9, 20)

export function inFlushedStore<Result>(
  work: (flushed: Flushed) => Promise<Result>,
  options: FlushedOptions = {},
): Promise<Result> {
  const stub = env.BARE.get(env.BARE.newUniqueId())
  return runInDurableObject(stub, (_, state) => {
    options.prepare?.(state.storage)
    return work(
      flushedStore({
        storage: state.storage,
        files: options.files ?? new MemoryObjectStore(),
        clock: { ms: options.startMs ?? Date.UTC(2026, 9, 20) },
        logged: [],
        callMsMax: options.callMsMax ?? 60_000,
        epoch: options.epoch ?? 'e1',
        program: {
          schemas: options.schemas ?? schemas,
          settings: options.settings ?? {},
          hooks: options.hooks ?? noHooks,
          jobs: options.jobs ?? (() => []),
          slices: options.slices ?? {},
        },
      }),
    )
  })
}

interface Parts {
  readonly storage: DurableObjectStorage
  readonly files: ObjectStore
  readonly clock: { ms: number }
  readonly logged: string[]
  readonly callMsMax: number
  readonly epoch: string
  readonly program: Program
}

function flushedStore(parts: Parts): Flushed {
  const { storage, files, clock, logged, callMsMax, program } = parts
  const makeId = idMaker({ random: (count) => crypto.getRandomValues(new Uint8Array(count)) })
  const options: TenantStoreOptions = {
    storage,
    nouns: program.schemas,
    hooks: program.hooks,
    jobs: program.jobs,
    slices: program.slices,
    validate: checked,
    makeId: (prefix, nowMs) => makeId({ prefix, nowMs }),
    makeEpoch: () => parts.epoch,
    now: () => clock.ms,
    log: (message) => logged.push(message),
    lake: { store: files, settings: { ...defaultFlushSettings, ...program.settings }, callMsMax },
    committed: () => {},
  }
  const tenantParts = composeTenant(options)
  const store = new TenantStore(options, tenantParts)
  const { lake, runner } = tenantParts
  if (lake === undefined) throw new Error('the store has a lake')
  const write = (change: Omit<Change, 'actor' | 'via'>): Promise<Written> => {
    clock.ms += 1
    // The catalog links the given Nouns to each other.
    const schema = store.catalog.current.lookup(change.schema.name) ?? change.schema
    const verb = schema.verbs[change.verb.name] ?? change.verb
    return store.write({ actor: 'user_1', via: 'rest', ...change, schema, verb }, place)
  }
  return {
    store,
    parts: tenantParts,
    lake,
    run: () => runner.run(filesLane),
    drain: () => runner.drain(filesLane),
    files,
    storage,
    clock,
    logged,
    write,
    create: (fields, schema = Robot) =>
      write({
        schema,
        verb: verbOf(schema, 'create'),
        kind: 'create',
        decide: () => checked(schema, applyDefaults(schema, fields)),
      }),
    update: (target, fields, schema = Robot) =>
      write({
        schema,
        verb: verbOf(schema, 'update'),
        kind: 'change',
        target,
        decide: ({ current }) => ({ ...current, ...fields }),
      }),
    remove: (target, schema = Robot) =>
      write({
        schema,
        verb: verbOf(schema, 'delete'),
        kind: 'remove',
        target,
        decide: ({ current }) => current ?? {},
      }),
    restore: (target, schema = Robot) =>
      write({
        schema,
        verb: verbOf(schema, 'update'),
        kind: 'restore',
        target,
        decide: () => ({ name: 'back' }),
      }),
    ring: async () => {
      const atMs = (await storage.getAlarm()) ?? undefined
      if (atMs === undefined) return undefined
      clock.ms = Math.max(clock.ms, atMs)
      await storage.deleteAlarm()
      await store.alarm()
      return atMs
    },
    restart: (changed = {}) => flushedStore({ ...parts, program: { ...program, ...changed } }),
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

/** Creates robots in a commit or a few. Returns their ids. */
export async function createMany({ create }: Flushed, count: number): Promise<string[]> {
  const written = await Promise.all(Array.from({ length: count }, (_, at) => create({ name: `r${at}`, power: at })))
  return written.map(({ row }) => row.target)
}
