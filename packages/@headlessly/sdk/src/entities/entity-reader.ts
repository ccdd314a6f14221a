// Reads of one Noun's entities. Each plans calls of the session.

import type { CallOf, Parameters } from 'digital-objects'
import { checkOptions, type OptionKinds } from '../base/check-options.ts'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import type { CallOptions } from '../calls/call-options.ts'
import { checkedLimit, type Listing, type WantedPage } from '../calls/listing.ts'
import { parseCount, parseGroups, parsePage } from '../calls/parse-answer.ts'
import type { Link } from '../calls/planned-call.ts'
import { type ReadInput, toParameters } from '../calls/read-parameters.ts'
import { type EventListOptions, readEvents } from '../events/read-events.ts'
import { makePending, type PendingSource, type PipelineSource } from '../pipeline/pending.ts'
import type { Draft, EntityCalls } from './entity-calls.ts'
import { EntityListing } from './entity-listing.ts'

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
  aggregate: {
    ...readOptions,
    by: 'names',
    sum: 'names',
    avg: 'names',
    min: 'names',
    max: 'names',
    distinct: 'names',
    median: 'names',
    zone: 'string',
    sort: 'names',
    limit: 'number',
  },
  history: { limit: 'number', after: 'number', signal: 'signal' },
  diff: { from: 'point', to: 'point', signal: 'signal' },
} as const satisfies Readonly<Record<string, OptionKinds>>

export type FindInput = ReadInput & CallOptions

interface ReadDraft extends Draft {
  readonly call: CallOf<'read'>
  readonly links: readonly Link[]
}

export class EntityReader {
  readonly #calls: EntityCalls

  constructor(calls: EntityCalls) {
    this.#calls = calls
  }

  get(id: unknown, options: FindInput = {}): object {
    const { signal, ...input } = options
    const draft = (): ReadDraft => {
      this.#checkOptions('get', options)
      return this.#draftRead('get', { id, input })
    }
    const planned = this.#calls.plan(draft, { signal })
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
          (await this.#calls.plan(() => draft(isCounted ? { ...at, count } : at), { signal }).answer()).body,
        ),
    }
    return new EntityListing(parts, {
      ...this.#calls.shared('find'),
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
    const planned = this.#calls.plan(draft, { signal })
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
    const planned = this.#calls.plan(draft, { signal })
    const value = async (): Promise<unknown> => parseCount((await planned.answer()).body)
    const pipeline = (): never => {
      throw new Error('a count has no parts')
    }
    return this.#pendingRead('count', { own: { planned, path: ['count'], value, isPlain: true }, pipeline })
  }

  async aggregate(filter: object = {}, options: FindInput = {}): Promise<unknown> {
    const { signal, ...input } = options
    const draft = (): ReadDraft => {
      this.#checkOptions('aggregate', options)
      return this.#draftRead('aggregate', { input: { ...input, filter } })
    }
    return parseGroups((await this.#calls.plan(draft, { signal }).answer()).body)
  }

  history(id: string, options: EventListOptions = {}): Listing<unknown> {
    const { signal, limit, after } = options
    const read = async (parameters: Parameters): Promise<unknown> => {
      this.#checkOptions('history', options)
      const { noun, target } = this.#calls.addressed('history', id)
      const planned = this.#calls.plan(
        () => ({ call: { kind: 'read', read: 'history', noun, ...target, parameters } }),
        {
          signal,
        },
      )
      return (await planned.answer()).body
    }
    return readEvents({ limit, after, read })
  }

  async diff(id: string, options: FindInput = {}): Promise<unknown> {
    this.#checkOptions('diff', options)
    const { signal, ...input } = options
    return (await this.#calls.plan(() => this.#draftRead('diff', { id, input }), { signal }).answer()).body
  }

  /** A read is sent with its tick, whether or not it is awaited, unless it has become part of something else. */
  #pendingRead(method: string, source: Pick<PendingSource, 'own' | 'pipeline'>): object {
    const planned = source.own?.planned
    let isPart = false
    // The error is reported to whoever awaits the value, perhaps later or never.
    const ask = (): void => void planned?.answer().catch(() => {})
    if (planned?.settled !== undefined) ask()
    else
      this.#calls.session().whenTickEnds(() => {
        if (!isPart) ask()
      })
    return makePending({ ...this.#calls.shared(method), ...source }, [], () => (isPart = true))
  }

  #draftRead(
    read: 'get' | 'find' | 'count' | 'aggregate' | 'diff',
    { id, input }: { readonly id?: unknown; readonly input: ReadInput },
  ): ReadDraft {
    const { parameters, links } = toParameters(this.#calls.called(read), input)
    const isList = read === 'find' || read === 'count' || read === 'aggregate'
    const {
      noun,
      target,
      link = [],
    } = isList ? { noun: this.#calls.schema.name, target: {} } : this.#calls.addressed(read, id)
    return {
      call: { kind: 'read', read, noun, ...target, parameters },
      links: [...links.map((one) => ({ ...one, into: 'filter' as const })), ...link],
    }
  }

  #checkOptions(method: keyof typeof optionsOf, options: unknown): void {
    checkOptions(options, { what: this.#calls.called(method), kinds: optionsOf[method] })
  }
}

function toSource({ call, links }: ReadDraft): Pick<PipelineSource, 'id' | 'parameters' | 'links'> {
  const { id, parameters } = call
  return { parameters, links, ...(id === undefined ? {} : { id }) }
}
