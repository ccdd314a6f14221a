// The methods of one Noun's entities, made from the Noun: each is one call of the session.

import { isEntityIdOf, type NounName, type NounSchema } from 'digital-objects'
import type { CallOptions, EntityMethods, ManyOptions, Point, WriteOptions } from './entity-methods.ts'
import { HeadlesslyError } from './headlessly-error.ts'
import { toJsonText } from './json-text.ts'
import { Listing } from './listing.ts'
import { parseCount, parsePage, parseRowId } from './parse-answer.ts'
import { type EventListOptions, readEvents } from './read-events.ts'
import { type ReadInput, toParameters } from './read-parameters.ts'
import type { Session } from './session.ts'
import type { Parameters, ReadCall } from './transport.ts'
import { manyMax, tooMany, writeMany } from './write-many.ts'

/** What the server allows in one answer. */
const pageMax = 100
const pageFallback = 50

interface NounLike<Name extends NounName> {
  readonly $name: Name
  readonly $schema: NounSchema
}
type FindInput = ReadInput & CallOptions
type Data = Readonly<Record<string, unknown>>
/** With one argument or two, the last of them options. */
type Arguments = readonly [idOrData: unknown, dataOrOptions?: unknown, options?: WriteOptions | undefined]

/** `session` is asked for at each call, so that a client may be configured at its first. */
export function makeEntityMethods<Name extends NounName>(
  noun: NounLike<Name>,
  session: () => Session,
): EntityMethods<Name> {
  const caller = new EntityCaller(noun.$schema, session)
  const { disabled, verbs } = noun.$schema
  const methods: Record<string, unknown> = {
    $name: noun.$name,
    $schema: noun.$schema,
    get: (id: string, options?: FindInput) => caller.get(id, options),
    find: (filter?: object, options?: FindInput) => caller.find(filter, options),
    findOne: async (filter?: object, options?: FindInput) =>
      (await caller.find(filter, { ...options, limit: 1 })).at(0) ?? null,
    count: (filter?: object, options?: FindInput) => caller.count(filter, options),
    history: (id: string, options?: EventListOptions) => caller.history(id, options),
    diff: (id: string, options?: FindInput) => caller.diff(id, options),
  }
  if (!disabled.includes('create')) {
    methods['create'] = (data: Data, options?: WriteOptions) => caller.write('create', undefined, { data, options })
    methods['createMany'] = (rows: readonly Data[], options?: ManyOptions) => caller.createMany(rows, options)
  }
  if (!disabled.includes('update')) {
    methods['update'] = (...given: Arguments) => caller.perform('update', given)
    methods['updateMany'] = (filter: object, data: Data, options?: ManyOptions) =>
      caller.updateMany({ filter, data, options })
    methods['rollback'] = (id: string, to: Point, options?: WriteOptions) =>
      caller.perform('rollback', [id, { ...to }, options])
  }
  if (!disabled.includes('delete')) {
    methods['delete'] = async (id: string, options?: WriteOptions) =>
      void (await caller.perform('delete', [id, {}, options]))
  }
  for (const verb of Object.values(verbs))
    if (verb.category === 'custom') methods[verb.name] = (...given: Arguments) => caller.perform(verb.name, given)
  // What the compiler knows of these names it knows from the same Noun.
  return Object.freeze(methods) as EntityMethods<Name>
}

class EntityCaller {
  readonly #schema: NounSchema
  readonly #session: () => Session

  constructor(schema: NounSchema, session: () => Session) {
    this.#schema = schema
    this.#session = session
  }

  async get(id: string, options: FindInput = {}): Promise<unknown> {
    this.#checkId('get', id)
    try {
      return await this.#read('get', { id, input: options, signal: options.signal })
    } catch (error) {
      const isAbsent = error instanceof HeadlesslyError && error.code === 'not_found' && error.detail['id'] === id
      if (!isAbsent) throw error
      return null
    }
  }

  find(filter: object = {}, options: FindInput = {}): Listing<unknown> {
    const { signal, limit, cursor, ...input } = options
    return new Listing({
      pageMax,
      limitFallback: pageFallback,
      limit,
      cursor,
      read: async (at) => {
        const parameters = toParameters(this.#called('find'), { ...input, filter, ...at })
        return parsePage(await this.#send({ read: 'find', parameters }, signal))
      },
    })
  }

  async count(filter: object = {}, { signal, ...input }: FindInput = {}): Promise<number> {
    return parseCount(await this.#read('count', { input: { filter, ...input }, signal }))
  }

  history(id: string, { signal, limit, after }: EventListOptions = {}): Listing<unknown> {
    const read = async (parameters: Parameters): Promise<unknown> => {
      this.#checkId('history', id)
      return this.#send({ read: 'history', id, parameters }, signal)
    }
    return readEvents({ limit, after, read })
  }

  async diff(id: string, { signal, ...input }: FindInput = {}): Promise<unknown> {
    this.#checkId('diff', id)
    return this.#read('diff', { id, input, signal })
  }

  /** A verb, whichever way its entity is named. */
  async perform(verb: string, [first, second, third]: Arguments): Promise<unknown> {
    if (typeof first === 'string') {
      this.#checkId(verb, first)
      return this.write(verb, first, { data: toData(second), options: third })
    }
    const { id, $id, ...data } = toData(first)
    const target = id ?? $id
    const creates = this.#schema.verbs[verb]?.effect.creates === true
    if (target !== undefined || !creates) this.#checkId(verb, target)
    const options = toData(second)
    const stray = Object.keys(options).find((name) => !writeOptionNames.has(name))
    // It would be given in the belief that it is written.
    if (stray !== undefined) throw strayOption(this.#called(verb), stray)
    return this.write(verb, typeof target === 'string' ? target : undefined, { data, options })
  }

  async write(
    verb: string,
    id: string | undefined,
    { data, options = {} }: { data: Data; options: WriteOptions | undefined },
  ): Promise<unknown> {
    const { signal, ifVersion, idempotencyKey = makeKey() } = options
    const answer = await this.#session().send({
      kind: 'write',
      noun: this.#schema.name,
      verb,
      body: toJsonText(data, { what: this.#called(verb), code: 'validation_error', isUndefinedRefused: false }),
      idempotencyKey,
      ...(id === undefined ? {} : { id }),
      ...(ifVersion === undefined ? {} : { ifVersion }),
      ...(signal === undefined ? {} : { signal }),
    })
    return answer.body
  }

  async createMany(rows: readonly Data[], options: ManyOptions = {}): Promise<unknown[]> {
    const key = options.idempotencyKey ?? makeKey()
    return writeMany(rows, {
      what: this.#called('createMany'),
      write: (data, at) =>
        this.write('create', undefined, { data, options: { ...options, idempotencyKey: `${key}.${at}` } }),
    })
  }

  async updateMany(call: { filter: object; data: Data; options: ManyOptions | undefined }): Promise<unknown[]> {
    const { filter, data, options = {} } = call
    const what = this.#called('updateMany')
    const key = options.idempotencyKey ?? makeKey()
    // All of them before the first is changed, since a change may move one into or out of what matches.
    const ids: string[] = []
    for await (const row of this.find(filter, { ...options, fields: ['$id'], sort: '$id', strong: true })) {
      ids.push(parseRowId(row))
      if (ids.length > manyMax) throw tooMany(what, ids.length)
    }
    return writeMany(ids, {
      what,
      write: (id) => this.write('update', id, { data, options: { ...options, idempotencyKey: `${key}.${id}` } }),
    })
  }

  #read(
    read: 'get' | 'count' | 'diff',
    call: { readonly id?: string; readonly input: ReadInput; readonly signal: AbortSignal | undefined },
  ): Promise<unknown> {
    const { id, input, signal } = call
    const parameters = toParameters(this.#called(read), input)
    return this.#send({ read, parameters, ...(id === undefined ? {} : { id }) }, signal)
  }

  async #send(call: Pick<ReadCall, 'read' | 'id' | 'parameters'>, signal: AbortSignal | undefined): Promise<unknown> {
    const noun = this.#schema.name
    const answer = await this.#session().send({
      kind: 'read',
      noun,
      ...call,
      ...(signal === undefined ? {} : { signal }),
    })
    return answer.body
  }

  /** Before anything is sent: an empty id would make another path. */
  #checkId(method: string, id: unknown): void {
    if (typeof id === 'string' && isEntityIdOf(this.#schema, id)) return
    const got = typeof id === 'string' ? `'${id.slice(0, 64)}'` : id === null ? 'null' : typeof id
    const message = `${this.#called(method)} expects the id of the ${this.#schema.name}, such as ${this.#schema.idPrefix}_0123456789AB, got ${got}`
    throw new HeadlesslyError({ code: 'invalid_id', field: 'id', message })
  }

  #called(method: string): string {
    return `${this.#schema.name}.${method}`
  }
}

const writeOptionNames: ReadonlySet<string> = new Set([
  'signal',
  'ifVersion',
  'idempotencyKey',
] satisfies (keyof WriteOptions)[])

function strayOption(called: string, field: string): HeadlesslyError {
  const message = `${called} expects (id, data, options) or ({ id, ...data }, options), got '${field.slice(0, 64)}' in options`
  return new HeadlesslyError({ code: 'invalid_body', field, message })
}

/** Absent arguments are none. */
function toData(value: unknown): Data {
  if (value === undefined) return {}
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Data
  const message = `expected an object of fields, got ${Array.isArray(value) ? 'a list' : String(value).slice(0, 64)}`
  throw new HeadlesslyError({ code: 'invalid_body', field: 'body', message })
}

/** Not `randomUUID`, which browsers have on secure pages only. */
function makeKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return `sdk-${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`
}
