// Creates the methods of one Noun's entities. Each method plans calls of the session.

import { type Call, type CallOf, isEntityIdOf, isObject, type NounSchema, type Parameters } from 'digital-objects'
import { type CallSite, callSite } from '../base/call-site.ts'
import { checkOptions, type OptionKinds } from '../base/check-options.ts'
import { checkCall } from '../calls/check-call.ts'
import { makeKey } from '../calls/make-key.ts'
import { EntityListing } from './entity-listing.ts'
import type { CallOptions } from '../calls/call-options.ts'
import type { EntityMethods, ManyOptions, Point, Rows, WriteOptions } from './entity-methods.ts'
import { makeEventsBy } from '../events/events-by.ts'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import { toJsonText } from '../calls/json-text.ts'
import { checkedLimit, type Listing, type WantedPage } from '../calls/listing.ts'
import { parseCount, parsePage, parseRowId } from '../calls/parse-answer.ts'
import { linkTo } from '../calls/link-source.ts'
import { makePending, type PendingSource, type PipelineSource } from '../pipeline/pending.ts'
import { type Link, PlannedCall } from '../calls/planned-call.ts'
import { type EventListOptions, readEvents } from '../events/read-events.ts'
import { type ReadInput, toParameters } from '../calls/read-parameters.ts'
import type { Session } from '../calls/session.ts'
import type { NounKey } from '../types/noun-of.ts'
import { manyMax, tooMany, writeMany } from './write-many.ts'

/** The server's limit of rows per answer. */
const pageMax = 100
const pageFallback = 50

const readOptions = { strong: 'boolean', asOf: 'time', signal: 'signal' } as const
const getOptions = { ...readOptions, include: 'names', fields: 'names' } as const
const findOneOptions = { ...getOptions, sort: 'sort' } as const
const optionsOf = {
  get: getOptions,
  find: { ...findOneOptions, limit: 'number', cursor: 'string', count: 'string' },
  findOne: findOneOptions,
  count: readOptions,
  history: { limit: 'number', after: 'number', signal: 'signal' },
  diff: { from: 'point', to: 'point', signal: 'signal' },
  createMany: { idempotencyKey: 'string', signal: 'signal' },
  updateMany: { idempotencyKey: 'string', signal: 'signal' },
} as const satisfies Readonly<Record<string, OptionKinds>>
const writeOptions = { ifVersion: 'number', idempotencyKey: 'string', signal: 'signal' } as const

interface NounLike {
  readonly $name: string
  readonly $schema: NounSchema
}
type FindInput = ReadInput & CallOptions
type Data = Readonly<Record<string, unknown>>
/** One or two arguments, of which the last are options. */
type Arguments = readonly [idOrData: unknown, dataOrOptions?: unknown, options?: WriteOptions | undefined]

/** `session` is called at each call, so that a client can be configured at its first. */
export function makeEntityMethods<Key extends NounKey>(noun: NounLike, session: () => Session): EntityMethods<Key> {
  const caller = new EntityCaller(noun.$schema, session)
  const { disabled, verbs } = noun.$schema
  const methods: Record<string, unknown> = {
    $name: noun.$name,
    $definition: noun.$schema.definition.fields,
    $schema: noun.$schema,
    get: (id: unknown, options?: FindInput) => caller.get(id, options),
    find: (filter?: object, options?: FindInput) => caller.find(filter, options),
    findOne: (filter?: object, options?: FindInput) => caller.findOne(filter, options),
    count: (filter?: object, options?: FindInput) => caller.count(filter, options),
    history: (id: string, options?: EventListOptions) => caller.history(id, options),
    diff: (id: string, options?: FindInput) => caller.diff(id, options),
    ...makeEventsBy(noun.$schema, session),
  }
  if (!disabled.includes('create')) {
    methods['create'] = (data: Data, options?: WriteOptions) => caller.write('create', { data, options })
    methods['createMany'] = (rows: Rows<Data>, options?: ManyOptions) => caller.createMany(rows, options)
  }
  if (!disabled.includes('update')) {
    methods['update'] = (...given: Arguments) => caller.perform('update', given)
    methods['updateMany'] = (filter: object, data: Data, options?: ManyOptions) =>
      caller.updateMany({ filter, data, options })
    methods['rollback'] = (id: string, to: Point, options?: WriteOptions) =>
      caller.perform('rollback', [id, { ...to }, options])
  }
  if (!disabled.includes('delete')) {
    methods['delete'] = (id: unknown, options?: WriteOptions) => caller.perform('delete', [id, {}, options])
  }
  for (const verb of Object.values(verbs))
    if (verb.category === 'custom') methods[verb.name] = (...given: Arguments) => caller.perform(verb.name, given)
  // The types of these methods come from the same Noun.
  return Object.freeze(methods) as EntityMethods<Key>
}

class EntityCaller {
  readonly #schema: NounSchema
  readonly #session: () => Session

  constructor(schema: NounSchema, session: () => Session) {
    this.#schema = schema
    this.#session = session
  }

  get(id: unknown, options: FindInput = {}): object {
    const { signal, ...input } = options
    const draft = (): ReadDraft => {
      this.#checkOptions('get', options)
      return this.#draftRead('get', { id, input })
    }
    const planned = this.#plan(draft, { signal })
    const value = async (): Promise<unknown> => {
      try {
        return (await planned.answer()).body
      } catch (error) {
        const isAbsent = error instanceof HeadlesslyError && error.code === 'not_found' && 'id' in error.detail
        // The id may come from a call that failed for another reason.
        const isAnothers = planned.links.some(({ to }) => to.settled !== undefined && 'error' in to.settled)
        if (!isAbsent || isAnothers) throw error
        return null
      }
    }
    return this.#pendingRead('get', {
      own: { planned, path: [], value },
      pipeline: () => ({ ...toSource(draft()), read: 'get', signal, steps: [] }),
    })
  }

  find(filter: object = {}, options: FindInput = {}): EntityListing {
    const { signal, limit, cursor, count, ...input } = options
    const draft = (page: Pick<FindInput, 'limit' | 'cursor' | 'count'>): ReadDraft => {
      this.#checkOptions('find', options)
      return this.#draftRead('find', { input: { ...input, filter, ...page } })
    }
    const all = (): ReadDraft => draft({ limit: checkedLimit(limit), cursor, count })
    const parts = {
      pageMax,
      limitFallback: pageFallback,
      limit,
      cursor,
      read: async ({ isCounted, ...at }: WantedPage) =>
        parsePage<unknown>(
          (await this.#plan(() => draft(isCounted ? { ...at, count } : at), { signal }).answer()).body,
        ),
    }
    return new EntityListing(parts, {
      ...this.#shared('find'),
      // Without a limit, a pipeline processes all matches, or is refused if there are too many.
      pipeline: () => ({ ...toSource(all()), read: 'find', signal, steps: [] }),
    })
  }

  findOne(filter: object = {}, options: FindInput = {}): object {
    const { signal, ...input } = options
    const draft = (): ReadDraft => {
      this.#checkOptions('findOne', options)
      return this.#draftRead('find', { input: { ...input, filter, limit: 1 } })
    }
    const planned = this.#plan(draft, { signal })
    const value = async (): Promise<unknown> => parsePage((await planned.answer()).body).results[0] ?? null
    return this.#pendingRead('findOne', {
      own: { planned, path: ['results', '0'], value },
      pipeline: () => ({ ...toSource(draft()), read: 'find', signal, steps: [{ step: 'member', name: '0' }] }),
    })
  }

  count(filter: object = {}, options: FindInput = {}): object {
    const { signal, ...input } = options
    const draft = (): ReadDraft => {
      this.#checkOptions('count', options)
      return this.#draftRead('count', { input: { ...input, filter } })
    }
    const planned = this.#plan(draft, { signal })
    const value = async (): Promise<unknown> => parseCount((await planned.answer()).body)
    const pipeline = (): never => {
      throw new Error('a count has no parts')
    }
    return this.#pendingRead('count', { own: { planned, path: ['count'], value, isPlain: true }, pipeline })
  }

  history(id: string, options: EventListOptions = {}): Listing<unknown> {
    const { signal, limit, after } = options
    const read = async (parameters: Parameters): Promise<unknown> => {
      this.#checkOptions('history', options)
      const { noun, target } = this.#addressed('history', id)
      const planned = this.#plan(() => ({ call: { kind: 'read', read: 'history', noun, ...target, parameters } }), {
        signal,
      })
      return (await planned.answer()).body
    }
    return readEvents({ limit, after, read })
  }

  async diff(id: string, options: FindInput = {}): Promise<unknown> {
    this.#checkOptions('diff', options)
    const { signal, ...input } = options
    return (await this.#plan(() => this.#draftRead('diff', { id, input }), { signal }).answer()).body
  }

  /** Performs a verb, whichever way its entity is given. */
  perform(verb: string, [first, second, third]: Arguments): object {
    if (typeof first === 'string' || linkTo(first) !== undefined)
      return this.write(verb, { id: first, data: second, options: third })
    if (typeof first !== 'object' || first === null) return this.write(verb, { id: first, data: first, options: third })
    const { id, $id, ...data } = first as Data
    return this.write(verb, { id: id ?? $id, data, options: second, isOptionsChecked: true })
  }

  /** A write is sent with its tick, whether or not it is awaited. */
  write(verb: string, given: Written): object {
    const planned = this.#plan(() => this.#draftWrite(verb, given), { signal: signalIn(given.options) })
    const answer = planned.answer()
    return makePending(
      {
        ...this.#shared(verb),
        own: { planned, path: [], value: async () => (await answer).body },
        pipeline: () => ({
          read: 'get',
          id: '',
          parameters: {},
          links: [{ to: planned, path: ['$id'], into: 'id', at: [] }],
          signal: planned.signal,
          steps: [],
        }),
      },
      [],
    )
  }

  async createMany(rows: Rows<Data>, options: ManyOptions = {}): Promise<unknown[]> {
    this.#checkOptions('createMany', options)
    const key = options.idempotencyKey ?? makeKey()
    const toWrite = (data: Data, at: number): Written => ({
      data,
      options: { ...options, idempotencyKey: `${key}.${at}` },
    })
    return this.#writeMany(rows, { method: 'createMany', verb: 'create', toWrite })
  }

  async updateMany(call: { filter: object; data: Data; options: ManyOptions | undefined }): Promise<unknown[]> {
    const { filter, data, options = {} } = call
    this.#checkOptions('updateMany', options)
    const key = options.idempotencyKey ?? makeKey()
    // Collects all ids before the first change, since a change may move an entity into or out of the filter.
    const ids: string[] = []
    for await (const row of this.find(filter, { ...options, fields: ['$id'], sort: '$id', strong: true })) {
      ids.push(parseRowId(row))
      if (ids.length > manyMax) throw tooMany(this.#called('updateMany'), `got ${ids.length}`)
    }
    const toWrite = (id: string): Written => ({ id, data, options: { ...options, idempotencyKey: `${key}.${id}` } })
    return this.#writeMany(ids, { method: 'updateMany', verb: 'update', toWrite })
  }

  #writeMany<Item>(
    items: Rows<Item>,
    many: { readonly method: string; readonly verb: string; readonly toWrite: (item: Item, at: number) => Written },
  ): Promise<unknown[]> {
    const { method, verb, toWrite } = many
    const site = callSite()
    const plan = (item: Item, at: number): PlannedCall => {
      const given = toWrite(item, at)
      return this.#plan(() => this.#draftWrite(verb, given), { signal: signalIn(given.options), site })
    }
    return writeMany(items, { what: this.#called(method), site, plan })
  }

  /** A read is sent with its tick, whether or not it is awaited, unless it has become part of something else. */
  #pendingRead(method: string, source: Pick<PendingSource, 'own' | 'pipeline'>): object {
    const planned = source.own?.planned
    let isPart = false
    // The error is reported to whoever awaits the value, perhaps later or never.
    const ask = (): void => void planned?.answer().catch(() => {})
    if (planned?.settled !== undefined) ask()
    else
      this.#session().whenTickEnds(() => {
        if (!isPart) ask()
      })
    return makePending({ ...this.#shared(method), ...source }, [], () => (isPart = true))
  }

  #shared(method: string): Pick<PendingSource, 'session' | 'schema' | 'what' | 'site'> {
    return { session: this.#session, schema: this.#schema, what: this.#called(method), site: callSite() }
  }

  /** A call that cannot be made fails like one that the server refuses. */
  #plan(
    draft: () => Draft,
    options: { readonly signal?: AbortSignal | undefined; readonly site?: CallSite },
  ): PlannedCall {
    try {
      const { call, links = [] } = draft()
      checkCall(call, links)
      return this.#session().plan(call, { links, ...options })
    } catch (error) {
      return PlannedCall.failed(error)
    }
  }

  #draftRead(
    read: 'get' | 'find' | 'count' | 'diff',
    { id, input }: { readonly id?: unknown; readonly input: ReadInput },
  ): ReadDraft {
    const { parameters, links } = toParameters(this.#called(read), input)
    const isList = read === 'find' || read === 'count'
    const { noun, target, link = [] } = isList ? { noun: this.#schema.name, target: {} } : this.#addressed(read, id)
    return {
      call: { kind: 'read', read, noun, ...target, parameters },
      links: [...links.map((one) => ({ ...one, into: 'filter' as const })), ...link],
    }
  }

  #draftWrite(verb: string, { id, data, options, isOptionsChecked }: Written): Draft {
    const what = this.#called(verb)
    const stray = isOptionsChecked === true && isObject(options) ? strayOf(options) : undefined
    // The caller would believe that the option is written as a field.
    if (stray !== undefined) throw strayOption(what, stray)
    checkOptions(options, { what, kinds: writeOptions, code: 'invalid_body' })
    const { ifVersion, idempotencyKey = makeKey() } = toData(options) as WriteOptions
    const creates = verb === 'create' || this.#schema.verbs[verb]?.effect.creates === true
    const { target, link = [] } = id === undefined && creates ? { target: {} } : this.#addressed(verb, id)
    const { text, links } = toJsonText(toData(data), { what, code: 'validation_error', isUndefinedRefused: false })
    return {
      call: {
        kind: 'write',
        noun: this.#schema.name,
        verb,
        body: text,
        idempotencyKey,
        ...target,
        ...(ifVersion === undefined ? {} : { ifVersion }),
      },
      links: [...links.map((one) => ({ ...one, into: 'body' as const })), ...link],
    }
  }

  /**
   * Returns the id, or its pending source. Checked before anything is sent, since an empty id would mean another call.
   */
  #addressed(
    method: string,
    id: unknown,
  ): { readonly noun: string; readonly target: { readonly id: string }; readonly link?: readonly Link[] } {
    const noun = this.#schema.name
    const link = linkTo(id)
    if (link !== undefined) return { noun, target: { id: '' }, link: [{ ...link, into: 'id', at: [] }] }
    if (typeof id === 'string' && isEntityIdOf(this.#schema, id)) return { noun, target: { id } }
    const got = typeof id === 'string' ? `'${id.slice(0, 64)}'` : id === null ? 'null' : typeof id
    const message = `${this.#called(method)} expects the id of the ${noun}, such as ${this.#schema.idPrefix}_0123456789AB, got ${got}`
    throw new HeadlesslyError({ code: 'invalid_id', field: 'id', message })
  }

  #checkOptions(method: keyof typeof optionsOf, options: unknown): void {
    checkOptions(options, { what: this.#called(method), kinds: optionsOf[method] })
  }

  #called(method: string): string {
    return `${this.#schema.name}.${method}`
  }
}

interface Draft {
  readonly call: Call
  readonly links?: readonly Link[]
}

interface ReadDraft extends Draft {
  readonly call: CallOf<'read'>
  readonly links: readonly Link[]
}

interface Written {
  readonly id?: unknown
  readonly data: unknown
  readonly options: unknown
  /** Options given as the second argument, where data is easily passed by mistake. */
  readonly isOptionsChecked?: true
}

function toSource({ call, links }: ReadDraft): Pick<PipelineSource, 'id' | 'parameters' | 'links'> {
  const { id, parameters } = call
  return { parameters, links, ...(id === undefined ? {} : { id }) }
}

function signalIn(options: unknown): AbortSignal | undefined {
  const isSignal = typeof options === 'object' && options !== null && 'signal' in options
  return isSignal && options.signal instanceof AbortSignal ? options.signal : undefined
}

function strayOf(options: object): string | undefined {
  return Object.keys(options).find((name) => !Object.hasOwn(writeOptions, name))
}

function strayOption(called: string, field: string): HeadlesslyError {
  const message = `${called} expects (id, data, options) or ({ id, ...data }, options), got '${field.slice(0, 64)}' in options`
  return new HeadlesslyError({ code: 'invalid_body', field, message })
}

/** Absent data counts as empty. */
function toData(value: unknown): Data {
  if (value === undefined) return {}
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Data
  const message = `expected an object of fields, got ${Array.isArray(value) ? 'a list' : String(value).slice(0, 64)}`
  throw new HeadlesslyError({ code: 'invalid_body', field: 'body', message })
}
