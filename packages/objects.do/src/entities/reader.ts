// Reads a tenant's entities at one point of the log: the present, or the state after a `seq`. A call uses one reader, so that
// its whole answer reflects the same state.

import {
  type AggregateOptions,
  aggregateVersions,
  boundsOf,
  compileRegex,
  countVersions,
  type FindOptions,
  type FindPage,
  findVersions,
  isBig,
  type Need,
  type NounTable,
  patternMatchOf,
  type ReadRun,
  SlicedFind,
  type Slices,
  type StoredVersion,
  type TenantStore,
  Unfinished,
  versionToEntity,
} from '@dotdo/do'
import {
  type Entity,
  entityFold,
  type Filter,
  Groups,
  type MatchContext,
  matchAll,
  matches,
  matchesAll,
  type NounLookup,
  type NounSchema,
  ObjectError,
  referredIds,
  rowWorkOf,
  type Visibility,
} from 'digital-objects'
import type { EntityVersion } from './entity-version.ts'
import type { ReferringRequest, RelatedReader } from './includes.ts'
import { hasTotal, totalOfWhole } from './page-total.ts'
import type { ListKind, ReadRecorder } from './recorded-reads.ts'
import { type AggregateRequest, type FindRequest, listIdentity } from './read-request.ts'
import { referenceFilter } from './reference-filter.ts'
import type { VisibleNouns } from './visible-nouns.ts'

/**
 * Makes a reader of the present or of a past time. For a past time, later commits are guaranteed later timestamps. Throws an
 * ObjectError `before_history` for a time before the first event.
 */
export function readerAt(parts: ReaderParts, asOfMs: number | undefined): Reader {
  if (asOfMs === undefined) return new Reader(parts)
  return new Reader({ ...parts, seq: parts.store.sealAt(asOfMs) })
}

interface ReaderParts extends Pick<VisibleNouns, 'visibility' | 'wholeLookup'> {
  readonly store: TenantStore
  readonly context: string
  /** Keeps what was read in slices. Without it, as inside a commit, a read that needs slices is refused. */
  readonly run?: ReadRun
  /** Records the reads of the present. The past does not change. */
  readonly recorder?: ReadRecorder
  /** Reads past versions by scans until others have asked for their indexes, so that the first read need not wait for these. */
  readonly scansPast?: true
}

export class Reader implements RelatedReader {
  readonly #store: TenantStore
  readonly #visibility: Visibility
  readonly #wholeLookup: NounLookup
  readonly #context: string
  readonly #run: ReadRun | undefined
  readonly #recorder: ReadRecorder | undefined
  /** Set for a read of the past. */
  readonly #pastSeq: number | undefined
  /** The event after which the state is read; undefined for the present. */
  readonly #seq: number | undefined
  readonly #scansPast: true | undefined

  /** Reads the state after the event `seq`, or the present if `seq` is absent. */
  constructor(options: ReaderParts & { readonly seq?: number }) {
    this.#store = options.store
    this.#visibility = options.visibility
    this.#wholeLookup = options.wholeLookup
    this.#context = options.context
    this.#run = options.run
    this.#scansPast = options.scansPast
    // The past does not change, but is read by the definitions of the present.
    if (options.seq === undefined) this.#recorder = options.recorder
    else options.recorder?.definitions()
    this.#pastSeq = options.seq
    // The state that was read in slices may be in the past by now.
    const { head } = options.store.events
    const pinned = options.run?.seq === head ? undefined : options.run?.seq
    this.#seq = options.seq ?? pinned
  }

  get source(): 'object' | 'log' {
    return this.#pastSeq === undefined ? 'object' : 'log'
  }

  /** Set for a read of the past. */
  get pastSeq(): number | undefined {
    return this.#pastSeq
  }

  get(schema: NounSchema, id: string): StoredVersion | undefined {
    const version = this.#get(schema, id)
    const isInRule = this.#visibility.rows(schema.name) !== undefined
    if (isInRule) this.#record(schema, referenceFilter(schema, { by: '$id', id }), { kind: 'page' })
    else this.#recorder?.entity(schema.name, { id, version: version?.version })
    return version
  }

  #get(schema: NounSchema, id: string): StoredVersion | undefined {
    if (this.#visibility.rows(schema.name) !== undefined)
      return this.#list(schema, referenceFilter(schema, { by: '$id', id }), { limit: 1 })[0]
    const table = this.#table(schema)
    const { state } = this.#store
    const version = this.#seq === undefined ? state.get(table, id) : state.getAsOf(table, id, this.#seq)
    return version === undefined ? undefined : this.#shown(schema, version)
  }

  toEntity(schema: NounSchema, version: EntityVersion): Entity {
    return versionToEntity(schema.name, version, this.#context)
  }

  /** Reads one page, and the number of entities in the whole list if `hasTotal` says so. */
  find(request: FindRequest, tenant: string): FindPage & { readonly total: number | null } {
    const { noun, filter } = request
    const page = this.page(request, tenant)
    const whole = totalOfWhole(request, page)
    if (whole !== undefined) return { ...page, total: whole }
    return { ...page, total: hasTotal(request, this.#visibility) ? this.count(noun, filter) : null }
  }

  /** Reads one page without a total. Its size has the limit of answers, unless the page is not sent. */
  page(request: FindRequest, tenant: string, charactersMax?: number): FindPage {
    const { noun, filter, sort, limit, cursor } = request
    const table = this.#table(noun)
    this.#record(noun, filter, { kind: 'page', isRanked: sort === undefined && hasText(filter) })
    if (!this.#store.state.hasTable(noun.name)) return noVersions
    const hasGrams = this.#followText(table, filter)
    const visibility = this.#visibility
    const past = this.#pastSeq === undefined ? {} : { seq: this.#pastSeq }
    const list = listIdentity(request, { tenant, visibility, ...past })
    const options = {
      ...this.#options(table, filter, hasGrams),
      ...(charactersMax === undefined ? {} : { charactersMax }),
    }
    return this.#read(
      { key: ['page', list, limit, cursor], options, need: { kind: 'page', sort } },
      () =>
        findVersions({
          ...options,
          limit,
          list,
          ...(sort === undefined ? {} : { sort }),
          ...(cursor === undefined ? {} : { cursor }),
        }),
      (find) => find.page({ sort, limit, cursor, list }),
    )
  }

  referring(schema: NounSchema, request: ReferringRequest): readonly StoredVersion[] {
    const filter = referenceFilter(schema, request)
    this.#record(schema, filter, { kind: 'page' })
    return this.#list(schema, filter, request)
  }

  #record(schema: NounSchema, filter: Filter, of: Omit<ListKind, 'visibility'>): void {
    this.#recorder?.list(schema, filter, { ...of, visibility: this.#visibility })
  }

  /** Counts all visible entities of a Noun. */
  countAll(schema: NounSchema): number {
    if (this.#visibility.rows(schema.name) !== undefined) return this.count(schema, matchAll) ?? 0 // null only for a pattern
    this.#record(schema, matchAll, { kind: 'count' })
    return this.#store.state.countPresent(this.#table(schema))
  }

  /** Counts exactly. Returns null if a pattern would have to test too many entities. */
  count(schema: NounSchema, filter: Filter): number | null {
    this.#record(schema, filter, { kind: 'count' })
    if (!this.#store.state.hasTable(schema.name)) return 0
    const table = this.#table(schema)
    const hasGrams = this.#followText(table, filter)
    const isAll = matchesAll(filter) && this.#seq === undefined && this.#visibility.rows(schema.name) === undefined
    if (isAll) return this.#store.state.countPresent(table)
    const options = this.#options(table, filter, hasGrams)
    const key = ['count', schema.name, filter, this.#pastSeq]
    return this.#read<number | null>(
      { key, options, need: { kind: 'count' } },
      () => countVersions(options),
      (find) => find.count(),
    )
  }

  /** Computes an aggregate. Throws an ObjectError if a pattern would have to test too many entities. */
  aggregate({ noun, filter, aggregate }: AggregateRequest): Groups {
    this.#record(noun, filter, { kind: 'aggregate', aggregate })
    if (!this.#store.state.hasTable(noun.name)) return new Groups(aggregate)
    const table = this.#table(noun)
    const options = this.#options(table, filter, this.#followText(table, filter))
    const fold: AggregateOptions['fold'] = (groups) => {
      const add = entityFold(aggregate, groups, this.#matchContext(noun).related)
      return (version) => add(this.toEntity(noun, version))
    }
    const key = ['aggregate', noun.name, filter, aggregate, this.#pastSeq]
    return this.#read(
      { key, options, need: { kind: 'aggregate', rowWork: rowWorkOf(aggregate) } },
      () => aggregateVersions({ ...options, aggregate, fold }),
      (find) => find.aggregate({ aggregate, fold }),
    )
  }

  /** Reads at once if one statement is enough, or else in slices, before the next attempt of the call. */
  #read<Result>(
    of: { readonly key: readonly unknown[]; readonly options: QueryOptions; readonly need: Need },
    atOnce: () => Result,
    inSlices: (find: SlicedFind) => Promise<Result>,
  ): Result {
    const [run, store] = [this.#run, this.#store]
    const key = JSON.stringify(of.key)
    if (run?.has(key) === true) return run.get(key) as Result // put by an earlier attempt of this read
    const { state, sliceSettings: settings } = store
    const bounds = boundsOf({ ...of.options, state, settings, head: store.events.head }, of.need)
    if (bounds.isBounded) return atOnce()
    if (run === undefined) throw tooManyAtOnce(of.options.table.schema)
    throw new Unfinished(async () => {
      run.set(key, await store.inSlices((slices) => inSlices(this.#slicedFind(of.options, { run, slices, ...bounds }))))
    })
  }

  #slicedFind(
    { table, filter, point, charactersMax }: QueryOptions,
    of: { readonly run: ReadRun; readonly slices: Slices; readonly driver?: Filter },
  ): SlicedFind {
    const [store, { run, ...others }] = [this.#store, of]
    const { events, state, sliceSettings: settings, sql } = store
    const seq = this.#pastSeq ?? run.pin(events.head)
    // The read may have waited for others, while writes brought words.
    const hasGrams = this.#followText(table, filter, seq)
    const reader = new Reader({
      store,
      visibility: this.#visibility,
      wholeLookup: this.#wholeLookup,
      context: this.#context,
      seq,
      ...(this.#scansPast === undefined ? {} : { scansPast: this.#scansPast }),
    })
    return new SlicedFind({
      ...reader.#query(table, filter, hasGrams),
      isPastIndexed: () =>
        this.#scansPast === undefined ? store.past.catchUp(events.head) : store.past.isUsable(events.head),
      ...(charactersMax === undefined ? {} : { charactersMax }),
      ...others,
      log: events,
      seq,
      startSeq: this.#pastSeq === undefined ? seq : events.head,
      isPast: this.#pastSeq !== undefined,
      isBig: (noun) => isBig({ sql, state, settings, point }, noun),
    })
  }

  #list(
    schema: NounSchema,
    filter: Filter,
    { limit, charactersMax }: Pick<ReferringRequest, 'limit' | 'charactersMax'>,
  ): readonly StoredVersion[] {
    if (!this.#store.state.hasTable(schema.name)) return []
    const size = charactersMax === undefined ? {} : { charactersMax }
    return findVersions({ ...this.#options(this.#table(schema), filter), limit, list: '', ...size }).versions
  }

  #shown({ name }: NounSchema, version: StoredVersion): StoredVersion {
    const fields = this.#visibility.shown(name, version.fields)
    return fields === version.fields ? version : { ...version, fields }
  }

  #options(table: NounTable, filter: Filter, hasGrams = false): QueryOptions {
    if (this.#seq !== undefined && this.#scansPast === undefined) this.#store.past.require(this.#store.events.head)
    return this.#query(table, filter, hasGrams)
  }

  /** Returns the same without waiting for the indexes of past versions. */
  #query(table: NounTable, filter: Filter, hasGrams: boolean): QueryOptions {
    const { state } = this.#store
    const tableOf = (noun: string): NounTable | undefined => {
      const schema = state.hasTable(noun) ? this.#wholeLookup(noun) : undefined
      return schema === undefined ? undefined : state.tableOf(schema)
    }
    const visibility = this.#visibility
    const point = {
      seq: this.#seq,
      isPastIndexed: this.#seq !== undefined && this.#isPastIndexed,
      table: tableOf,
      hasList: (quoted: string) => state.hasList(quoted),
      hasGrams: (noun: string) => hasGrams && noun === table.schema.name,
      ...(visibility.isFull ? {} : { visibility }),
    }
    const context = this.#matchContext(visibility.lookup(table.schema.name) ?? table.schema)
    return {
      sql: this.#store.sql,
      table,
      filter,
      point,
      shown: (version) => this.#shown(table.schema, version),
      matches: (version) => matches(filter, this.toEntity(table.schema, version), context),
    }
  }

  /** A reader that does not scan has waited for the indexes, or asks for them before each statement. */
  get #isPastIndexed(): boolean {
    const { past, events } = this.#store
    return this.#scansPast === undefined || past.isUsable(events.head)
  }

  #matchContext(schema: NounSchema): MatchContext {
    return {
      searchable: schema.searchable,
      regex: compileRegex,
      related: (entity, step) => {
        const to = this.#visibility.lookup(step.to)
        if (to === undefined) return []
        const { field } = step
        if (field.kind === 'reference') {
          return referredIds(entity[field.name]).flatMap((id) => {
            const version = this.#get(to, id)
            return version === undefined ? [] : [this.toEntity(to, version)]
          })
        }
        const request = { by: field.by, id: entity.$id, limit: relatedMax, charactersMax: Number.POSITIVE_INFINITY }
        const versions = this.#list(to, referenceFilter(to, request), request)
        return versions.map((version) => this.toEntity(to, version))
      },
    }
  }

  /**
   * Brings the indexes of words and of substrings up to date before a search that needs them. Returns whether a pattern can use
   * the index of substrings, which a read inside a commit cannot wait for.
   */
  #followText(table: NounTable, filter: Filter, seq = this.#seq): boolean {
    const { text, grams, events } = this.#store
    const through = this.#run?.seq ?? events.head
    if (hasText(filter)) text.require(through)
    if (hasText(filter) || this.#run === undefined || !this.#needsGrams(table, filter, seq)) return false
    grams.require(table.schema.name, through)
    return true
  }

  /** Whether a pattern would have to test many entities, and the index of substrings leaves fewer. */
  #needsGrams(table: NounTable, filter: Filter, seq: number | undefined): boolean {
    if (patternMatchOf(filter, table) === undefined) return false
    const { state, sliceSettings, sql } = this.#store
    const settings = { smallRowsMax: sliceSettings.patternRowsMax }
    const point = { seq, table: () => table, hasList: () => false }
    return isBig({ sql, state, settings, point }, table.schema.name)
  }

  /** Accepts a schema as the caller sees it, and returns the table of the whole one. */
  #table(schema: NounSchema): NounTable {
    return this.#store.state.tableOf(this.#wholeLookup(schema.name) ?? schema)
  }
}

type QueryOptions = Pick<FindOptions, 'sql' | 'table' | 'filter' | 'point' | 'matches' | 'shown' | 'charactersMax'>

const noVersions: FindPage = { versions: [], hasMore: false, cursor: null, cursorAfter: () => null }

function tooManyAtOnce({ name }: NounSchema): ObjectError {
  return new ObjectError({
    code: 'scan_limit',
    field: 'filter',
    message:
      `this read of ${name} has to examine too many entities to be part of a commit: ` +
      'add a condition by an indexed field, or read in a request of its own',
  })
}

/** Limits the related entities that a pattern tests for each entity. */
const relatedMax = 1_000

function hasText(filter: Filter): boolean {
  if (filter.kind === 'and' || filter.kind === 'or') return filter.of.some(hasText)
  return filter.kind === 'not' ? hasText(filter.of) : filter.kind === 'text'
}
