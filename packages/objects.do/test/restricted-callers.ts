// Callers with generated authorities over a generated tenant, and what each of them should see by a plain model: all data
// filtered by the rules first.

import { compileRegex } from '@dotdo/do'
import {
  type Authority,
  compileAuthority,
  type Entity,
  type EntityFields,
  metaFieldNames,
  nouns,
  type ObjectEvent,
  parseAuthority,
  type Visibility,
} from 'digital-objects'
import fc from 'fast-check'
import { anyAuthority, isGranted, visibleEntities } from '../../@dotdo/db/test/generated-authority.ts'
import type { Caller } from 'objects.do'
import { askRead } from './ask-tenant.ts'
import { caller, filterOf, type GeneratedTenant, kinds, lookup, type World } from './generated-tenant.ts'

export interface RestrictedCaller {
  readonly caller: Caller
  readonly authority: Authority
  readonly visibility: Visibility
}

/** Fields that generated entities have. */
const hideable: Readonly<Record<string, readonly string[]>> = {
  Organization: ['industry', 'employeeCount', 'metadata', 'contacts'],
  Contact: ['title', 'leadScore', 'stage', 'organization', 'metadata', 'deals'],
  Deal: ['value', 'contact', 'owner', 'expectedCloseDate'],
  Activity: ['subject', 'allDay', 'deal'],
}

const whole = { read: 'all', write: 'all', hidden: [], verbs: 'all' } as const
/** Sees every organization, contact and activity, and no deal, so that each set of callers sees and misses something. */
const firstOfAll: Authority = {
  who: 'user_0000000000aa',
  nouns: { Deal: { ...whole, read: 'none' } },
  others: whole,
}

/** `contactIds`: some callers are contacts, which are the owners of deals. The first caller is always the same. */
export function restrictedCallers(options: {
  readonly seed: number
  readonly count: number
  readonly contactIds: readonly string[]
  readonly hides?: boolean
}): readonly RestrictedCaller[] {
  const { seed, count, contactIds, hides = true } = options
  const owned = fc.constantFrom<object>({ owner: '$me' }, { 'contact.name': { $exists: true } })
  const authorities = anyAuthority({
    schemas: kinds.map((kind) => nouns[kind].$schema),
    ruleOf: (noun) => {
      const kind = kinds.find((name) => name === noun) ?? 'Contact'
      return kind === 'Deal' ? fc.oneof(filterOf(kind), owned) : filterOf(kind)
    },
    whos: ['anonymous', 'user_0000000000aa', ...contactIds],
    hideable: (noun) => (hides ? (hideable[noun] ?? []) : []),
  })
  return [firstOfAll, ...fc.sample(authorities, { seed, numRuns: count }).slice(1)].map((given) => {
    const authority = parseAuthority(JSON.stringify(given))
    const { visibility, faults } = compileAuthority(authority, lookup)
    if (faults.length > 0) throw new Error(JSON.stringify([authority, faults]))
    return { caller: { ...caller, authority }, authority, visibility }
  })
}

/** The world as the caller sees it. */
export function visibleWorld(world: World, authority: Authority): World {
  const visible = visibleEntities([...world.values()], authority, { lookup, regex: compileRegex })
  return new Map(visible.map((entity) => [entity.$id, entity]))
}

/** The tenant's whole log. */
export async function readLog(stub: GeneratedTenant['stub']): Promise<readonly ObjectEvent[]> {
  const events: ObjectEvent[] = []
  for (;;) {
    const parameters = { after: String(events.at(-1)?.seq ?? 0), limit: '1000' }
    const answer = await askRead(stub, caller, { read: 'events', parameters })
    if (!answer.ok) throw new Error(JSON.stringify(answer.error))
    const page = JSON.parse(answer.body) as { results: readonly ObjectEvent[]; hasMore: boolean }
    events.push(...page.results)
    if (!page.hasMore) return events
  }
}

/** The events that exist for the caller, as it sees them. */
export function visibleEvents(log: readonly ObjectEvent[], authority: Authority): readonly ObjectEvent[] {
  const world = new Map<string, Entity>()
  return log.flatMap((event) => {
    if (event.type.endsWith('.Deleted')) world.delete(event.target)
    else world.set(event.target, event.data)
    const granted = authority.nouns[event.data.$type] ?? authority.others
    const all = { entities: [...world.values()], lookup, who: authority.who, regex: compileRegex }
    if (!isGranted(granted.read, event.data, all)) return []
    const shown = <Value>(fields: Readonly<Record<string, Value>>): Readonly<Record<string, Value>> =>
      Object.fromEntries(Object.entries(fields).filter(([name]) => !granted.hidden.includes(name)))
    return [{ ...event, data: shown(event.data) as Entity, changes: shown(event.changes) }]
  })
}

export function fieldsOf(entity: Entity): EntityFields {
  return Object.fromEntries(Object.entries(entity).filter(([name]) => !metaFieldNames.some((meta) => meta === name)))
}
