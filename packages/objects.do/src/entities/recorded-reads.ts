// The reads on which a program or a handler depends, and the check whether later commits changed what they saw. A read of an
// entity, a list or a count by the entities' own fields is decided exactly, by the states before and after. A filter across
// relations is decided by the fields that it reads of the related Nouns, so it may count as changed although it is not.

import {
  compileRegex,
  type EventHead,
  scannedMax,
  type StoredVersion,
  type TenantStore,
  versionToEntity,
} from '@dotdo/do'
import {
  type Aggregate,
  type Filter,
  isSameJson,
  matches,
  type NounSchema,
  ObjectError,
  schemaNoun,
  systemNoun,
  type Visibility,
} from 'digital-objects'
import { aggregateFootprint, type FilterFootprint, filterFootprint } from './filter-footprint.ts'

/** Records what a `Reader` reads. */
export interface ReadRecorder {
  /** `version` is undefined if the entity does not exist for the reader. */
  entity(noun: string, entity: { readonly id: string; readonly version: number | undefined }): void
  list(schema: NounSchema, filter: Filter, of: ListKind): void
  /** A read of definitions or settings only. Every other recorded read depends on them too. */
  definitions(): void
  /** A read that depends on every event, such as one of the log. */
  log(): void
}

export interface ListKind {
  readonly kind: 'page' | 'count' | 'aggregate'
  /** Set for the kind `aggregate`. */
  readonly aggregate?: Aggregate
  /** Whether the list is ranked, which depends on the words of every entity. */
  readonly isRanked?: boolean
  readonly visibility: Visibility
}

/** A recorded read that saw something else than it would see now, and the event that changed it. */
export interface ChangedRead {
  /** The read in words: `Deal 'deal_…' at version 3`, or `the count of Deals by stage`. */
  readonly read: string
  readonly noun?: string
  readonly id?: string
  readonly event: EventHead
}

/** More new events than this count as a change, so that a check takes some milliseconds. */
const eventsMax = 2_000
/** Beyond this, a read of a Noun is recorded as one of all its entities. */
const entitiesMax = 10_000
const listsOfNounMax = 100

interface RecordedList extends Omit<FilterFootprint, 'related'> {
  readonly kind: ListKind['kind']
  /** The fields of matching entities that the result depends on beside `own`. */
  readonly read: ReadonlySet<string>
  readonly searchable: readonly string[]
}

/** Recorded reads as plain data, which a plan keeps. */
export interface ReadsJson {
  readonly entities: readonly { readonly id: string; readonly noun: string; readonly version?: number }[]
  readonly lists: readonly (Omit<RecordedList, 'own'> & ListName & { readonly own: readonly string[] })[]
  readonly related: readonly {
    readonly noun: string
    readonly fields: readonly string[]
    readonly read: string
    readonly of: string
  }[]
  readonly wholeNouns: readonly string[]
  readonly isOfLog: boolean
  readonly isOfDefinitions: boolean
}

interface ListName {
  readonly noun: string
  readonly key: string
}

/** An entity's states at the snapshot and now. */
interface Change {
  readonly noun: string
  readonly before: StoredVersion | undefined
  readonly after: StoredVersion | undefined
}

/** The events after one, up to another. */
export interface SeqRange {
  readonly after: number
  readonly through: number
}

export class RecordedReads implements ReadRecorder {
  readonly #entities = new Map<string, { readonly noun: string; readonly version: number | undefined }>()
  /** Lists and counts by Noun and filter. */
  readonly #lists = new Map<string, Map<string, RecordedList>>()
  /** The fields that filters read of Nouns along their paths, and one such filter in words. */
  readonly #related = new Map<string, { readonly fields: Set<string>; readonly read: string; readonly of: string }>()
  /** Nouns of which every event counts. */
  readonly #wholeNouns = new Set<string>()
  #isOfLog = false
  #isOfDefinitions = false

  get isEmpty(): boolean {
    const isOfEntities = this.#entities.size > 0 || this.#lists.size > 0
    return !isOfEntities && !this.#isOfLog && !this.#isOfDefinitions
  }

  entity(noun: string, { id, version }: { readonly id: string; readonly version: number | undefined }): void {
    if (this.#wholeNouns.has(noun) || this.#entities.has(id)) return
    if (this.#entities.size < entitiesMax) this.#entities.set(id, { noun, version })
    else this.#wholeNouns.add(noun)
  }

  list({ name, searchable }: NounSchema, filter: Filter, of: ListKind): void {
    const { kind, isRanked = false, visibility, aggregate } = of
    const lists = this.#lists.get(name) ?? new Map<string, RecordedList>()
    this.#lists.set(name, lists)
    const key = JSON.stringify([kind, filter, visibility.fingerprint, aggregate])
    if (lists.has(key)) return
    const { related, ...footprint } = filterFootprint(filter, { noun: name, visibility })
    const values = aggregate === undefined ? undefined : aggregateFootprint(aggregate, { noun: name, visibility })
    const list = { ...footprint, kind, searchable, read: values?.own ?? new Set<string>() }
    for (const [noun, fields] of [...related, ...(values?.related ?? [])])
      this.#relate(noun, { fields, read: describe(name, list), of: name })
    if (isRanked || lists.size >= listsOfNounMax) this.#wholeNouns.add(name)
    if (this.#wholeNouns.has(name)) lists.clear()
    else lists.set(key, list)
  }

  #relate(noun: string, { fields, ...of }: { fields: ReadonlySet<string>; read: string; of: string }): void {
    const known = this.#related.get(noun) ?? { ...of, fields: new Set<string>() }
    for (const field of fields) known.fields.add(field)
    this.#related.set(noun, known)
  }

  definitions(): void {
    this.#isOfDefinitions = true
  }

  log(): void {
    this.#isOfLog = true
  }

  toJson(): ReadsJson {
    return {
      entities: [...this.#entities].map(([id, { noun, version }]) => ({
        id,
        noun,
        ...(version === undefined ? {} : { version }),
      })),
      lists: [...this.#lists].flatMap(([noun, lists]) =>
        [...lists].map(([key, list]) => ({ ...list, noun, key, own: [...list.own] })),
      ),
      related: [...this.#related].map(([noun, { fields, ...of }]) => ({ noun, fields: [...fields], ...of })),
      wholeNouns: [...this.#wholeNouns],
      isOfLog: this.#isOfLog,
      isOfDefinitions: this.#isOfDefinitions,
    }
  }

  static fromJson(json: ReadsJson): RecordedReads {
    const reads = new RecordedReads()
    for (const { id, noun, version } of json.entities) reads.#entities.set(id, { noun, version })
    for (const { noun, key, own, ...list } of json.lists) {
      const lists = reads.#lists.get(noun) ?? new Map<string, RecordedList>()
      reads.#lists.set(noun, lists.set(key, { ...list, own: new Set(own) }))
    }
    for (const { noun, fields, ...of } of json.related) reads.#relate(noun, { ...of, fields: new Set(fields) })
    for (const noun of json.wholeNouns) reads.#wholeNouns.add(noun)
    reads.#isOfLog = json.isOfLog
    reads.#isOfDefinitions = json.isOfDefinitions
    return reads
  }

  /** Adds all reads of another record. */
  add(other: RecordedReads): void {
    for (const [id, { noun, version }] of other.#entities) this.entity(noun, { id, version })
    for (const noun of other.#wholeNouns) this.#wholeNouns.add(noun)
    for (const [noun, lists] of other.#lists)
      this.#lists.set(noun, new Map([...(this.#lists.get(noun) ?? []), ...lists]))
    for (const [noun, related] of other.#related) this.#relate(noun, related)
    this.#isOfLog ||= other.#isOfLog
    this.#isOfDefinitions ||= other.#isOfDefinitions
  }

  /** The Nouns whose entities the reads depend on; undefined if they depend on all. */
  get nouns(): ReadonlySet<string> | undefined {
    if (this.#isOfLog) return undefined
    const ofEntities = [...this.#entities.values()].map(({ noun }) => noun)
    return new Set([...this.#wholeNouns, ...this.#lists.keys(), ...this.#related.keys(), ...ofEntities])
  }

  /**
   * Returns a read that would not see the same after the event `through` as it saw after the event `after`; undefined if each
   * would. A change of a definition counts for every read.
   */
  affected(store: TenantStore, range: SeqRange): ChangedRead | undefined {
    const { after, through } = range
    if (this.isEmpty || after === through) return undefined
    const heads = store.events.heads({ after, through: Math.min(through, after + eventsMax + 1) })
    const [first] = heads
    if (first === undefined) return undefined
    const isWide = this.#isOfLog || heads.length > eventsMax
    if (isWide) return { read: this.#isOfLog ? 'the log' : `more than ${eventsMax} events since`, event: first }
    const definition = heads.find(({ type }) => systemNoun(nounOf(type)) !== undefined)
    if (definition !== undefined)
      return {
        read: nounOf(definition.type) === schemaNoun.name ? 'the definitions' : 'the settings',
        event: definition,
      }
    const last = new Map(heads.map((head) => [head.target, head]))
    for (const event of last.values()) {
      const changed = this.#changedBy(event, { store, range, newEvents: heads.length })
      if (changed !== undefined) return changed
    }
    return undefined
  }

  /** Returns what `affected` finds, as the caller's error. */
  conflict(store: TenantStore, range: SeqRange): ObjectError | undefined {
    const changed = this.affected(store, range)
    return changed === undefined ? undefined : readConflict(changed, store.events.commitOf(changed.event.seq))
  }

  #changedBy(
    event: EventHead,
    since: { readonly store: TenantStore; readonly range: SeqRange; readonly newEvents: number },
  ): ChangedRead | undefined {
    const { store, range, newEvents } = since
    const { target: id } = event
    const noun = nounOf(event.type)
    if (this.#wholeNouns.has(noun)) return { read: `the ${noun} entities`, noun, event }
    const entity = this.#entities.get(id)
    const table = store.state.table(noun)
    if (table === undefined) return entity === undefined ? undefined : { read: `${noun} '${id}'`, noun, id, event }
    const before = store.state.getAsOf(table, id, range.after)
    const after = store.state.getAsOf(table, id, range.through)
    // Created and deleted meanwhile: only a ranked list could tell.
    if (before === undefined && after === undefined) return undefined
    if (entity !== undefined) {
      const { version } = entity
      const read =
        version === undefined ? `${noun} '${id}', which did not exist` : `${noun} '${id}' at version ${version}`
      return { read, noun, id, event }
    }
    const change = { noun, before, after }
    const entities = store.state.countPresent(table) + newEvents
    for (const list of this.#lists.get(noun)?.values() ?? [])
      if (changesList(list, change, entities)) return { read: describe(noun, list), noun, event }
    const related = this.#related.get(noun)
    if (related === undefined || !hasChanged(related.fields, before, after)) return undefined
    return { read: related.read, noun: related.of, event }
  }
}

/** The change of a read as the caller's error. */
function readConflict({ read, noun, id, event }: ChangedRead, commit: number | undefined): ObjectError {
  const by = commit === undefined ? 'a later commit' : `commit ${commit}`
  return new ObjectError({
    code: 'read_conflict',
    message: `${read} was read and then changed by ${by} (${event.type} of '${event.target}')`,
    detail: {
      read,
      ...(noun === undefined ? {} : { entityType: noun }),
      ...(id === undefined ? {} : { id }),
      ...(commit === undefined ? {} : { commit }),
      event: event.type,
      target: event.target,
    },
  })
}

function changesList(list: RecordedList, { noun, before, after }: Change, entities: number): boolean {
  const { kind, isExact, hasPattern, atMost, own, read, searchable } = list
  // A read by a pattern examines a limited number of entities, whether they match or not.
  if (hasPattern && entities > scannedMax) return true
  const context = { searchable, regex: compileRegex, related: () => [] }
  const mayMatch = (version: StoredVersion | undefined): boolean =>
    version !== undefined && matches(atMost, versionToEntity(noun, version, ''), context)
  const [was, is] = [mayMatch(before), mayMatch(after)]
  if (kind === 'page') return was || is
  if (kind === 'aggregate' && was && is && hasChanged(read, before, after)) return true
  if (isExact) return was !== is
  return (was || is) && (was !== is || hasChanged(own, before, after))
}

function hasChanged(
  fields: ReadonlySet<string>,
  before: StoredVersion | undefined,
  after: StoredVersion | undefined,
): boolean {
  if (before === undefined || after === undefined) return true
  for (const field of fields) {
    if (field.startsWith('$') ? !constantFields.has(field) : !isSameJson(before.fields[field], after.fields[field]))
      return true
  }
  return false
}

/** The meta-fields that an entity keeps as long as it lives. */
const constantFields: ReadonlySet<string> = new Set(['$type', '$id', '$createdAt', '$createdBy'])

function describe(noun: string, { kind, own }: RecordedList): string {
  const by = own.size === 0 ? '' : ` by ${[...own].join(', ')}`
  const what = kind === 'page' ? 'a list' : kind === 'count' ? 'the count' : 'an aggregate'
  return `${what} of ${noun}${by}`
}

function nounOf(type: string): string {
  return type.slice(0, type.indexOf('.'))
}
