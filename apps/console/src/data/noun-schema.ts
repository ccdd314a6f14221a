// A type as the server describes it to this caller: its fields, verbs and states.

import { type QueryClient, queryOptions, useQuery, type UseQueryResult } from '@tanstack/react-query'
import type { NounDefinition } from '@headlessly/sdk'
import { isGranted, type Rights } from '../base/rights.ts'
import type { Group } from './entity.ts'
import type { Workspace } from './workspace.ts'
import { useScene } from './workspace-context.tsx'

export interface FieldInfo {
  readonly name: string
  /** The type that has the field. */
  readonly noun: string
  readonly kind: 'data' | 'enum' | 'reference' | 'reverse'
  readonly type?: string
  readonly many: boolean
  readonly required?: boolean
  readonly description?: string
  readonly values?: readonly string[]
  /** Types of a reference. */
  readonly to?: readonly string[]
  /** Set for a reference to any type. */
  readonly any?: boolean
  /** The type and the field that a reverse relation is the other side of. */
  readonly from?: string
  readonly by?: string
  readonly computed?: unknown
  readonly default?: unknown
  readonly readOnly?: boolean
}

export interface VerbInfo {
  readonly verb: string
  readonly category: 'crud' | 'custom'
  /** Its event, such as `Lost`. */
  readonly event?: string
  /** Set for a verb that only the server performs. */
  readonly systemOnly?: boolean
  /** Set for a verb that the caller may call on no entity. */
  readonly isForbidden?: boolean
  readonly description?: string
}

export interface Transition {
  readonly from: readonly string[]
  readonly verb: string
  readonly to: string
  readonly irreversible: boolean
  /** A target that has to be named. */
  readonly named?: boolean
}

export interface NounInfo {
  readonly name: string
  readonly about?: string
  readonly fields: readonly FieldInfo[]
  readonly verbs: readonly VerbInfo[]
  /** Methods among create, update and delete that the type lacks, or that the caller may call on no entity. */
  readonly disabled: readonly string[]
  readonly searchable: readonly string[]
  /** The name of the state field. */
  readonly state?: string
  readonly transitions: readonly Transition[]
  /** Whether the table of transitions is enforced. */
  readonly strict: boolean
  readonly categories: Readonly<Record<string, string>>
  readonly definition?: Pick<NounDefinition, 'frozen'>
}

export function useNounInfo(noun: string): UseQueryResult<NounInfo> {
  const { workspace } = useScene()
  return useQuery(nounInfoQuery(workspace, noun))
}

export function readNounInfo(workspace: Workspace, queries: QueryClient, noun: string): Promise<NounInfo> {
  return queries.fetchQuery(nounInfoQuery(workspace, noun))
}

function nounInfoQuery(workspace: Workspace, noun: string) {
  return queryOptions({
    queryKey: [workspace.tenant, 'schema', noun],
    staleTime: Infinity,
    queryFn: async ({ signal }): Promise<NounInfo> => {
      const { transitions = [], categories = {}, ...described } = await workspace.client.schema.get(noun, { signal })
      const info = { transitions, categories, ...described } as unknown as NounInfo // the server's contract
      return withRights({ ...info, fields: info.fields.map((field) => ({ ...field, noun })) }, workspace.whoami)
    },
  })
}

/** The one place in which the caller's rights over a type become what its pages offer. */
function withRights(info: NounInfo, rights: Rights): NounInfo {
  const isForbidden = (verb: string): boolean => !isGranted(rights, { verb, of: info.name })
  const crud = ['create', 'update', 'delete'].filter(isForbidden)
  return {
    ...info,
    disabled: [...new Set([...info.disabled, ...crud])],
    verbs: info.verbs.map((one) => (isForbidden(one.verb) ? { ...one, isForbidden: true } : one)),
  }
}

const titleFields = ['name', 'title', 'subject', 'number', 'key', 'code', 'email', 'description', 'body']

/** The field that people call an entity by; undefined if there is none. */
export function titleField({ fields }: NounInfo): string | undefined {
  const names = new Set(fields.filter(({ kind, many }) => kind === 'data' && !many).map(({ name }) => name))
  return titleFields.find((name) => names.has(name))
}

/** Whom an entity without a name of its own is about, such as a payment. */
const aboutNames = [
  'customer',
  'contact',
  'organization',
  'user',
  'subscription',
  'invoice',
  'product',
  'plan',
  'price',
]

/** The references to include for the name of an entity. */
export function aboutFields(info: NounInfo): readonly string[] {
  if (titleField(info) !== undefined) return []
  const references = new Set(
    info.fields.filter(({ kind, many }) => kind === 'reference' && !many).map(({ name }) => name),
  )
  return aboutNames.filter((name) => references.has(name)).slice(0, 2)
}

/** The name of an entity for people: its own, or that of an included entity which it is about, or else its id. */
export function titleOf(entity: Readonly<Record<string, unknown>>): string {
  return ownTitle(entity) ?? aboutTitle(entity) ?? String(entity['$id'] ?? '')
}

const titleCharactersMax = 80

function ownTitle(entity: Readonly<Record<string, unknown>>): string | undefined {
  for (const name of titleFields) {
    const value = entity[name]
    if (typeof value === 'string' && value !== '')
      return value.length > titleCharactersMax ? `${value.slice(0, titleCharactersMax)}…` : value
  }
  return undefined
}

function aboutTitle(entity: Readonly<Record<string, unknown>>): string | undefined {
  for (const name of aboutNames) {
    const about = entity[name]
    const title = typeof about === 'object' && about !== null ? ownTitle({ ...about }) : undefined
    if (title !== undefined) return title
  }
  return undefined
}

const earlyTypes = ['string', 'email', 'number', 'integer', 'money', 'date', 'datetime', 'boolean', 'url']

/** Groups in the order in which a type lists the values of a field, and not by their letters. */
export function inOrderOf<Grouped extends Group>(
  info: NounInfo | undefined,
  field: string,
  groups: readonly Grouped[],
): readonly Grouped[] {
  const values = info?.fields.find(({ name }) => name === field)?.values ?? []
  const rank = ({ by }: Grouped): number => {
    const at = values.indexOf(String(by[field]))
    return at < 0 ? values.length : at
  }
  return groups.toSorted((one, other) => rank(one) - rank(other))
}

/** Dates by which something is due, which people sort and plan by. */
const plannedDates = ['dueAt', 'dueDate', 'closeDate', 'expectedCloseDate']

/** The columns that a list begins with: the title, the state, amounts and what is due, references, then short values. */
export function firstColumns(info: NounInfo): readonly string[] {
  const title = titleField(info)
  const rank = ({ name, kind, type, many }: FieldInfo): number => {
    if (name === title) return 0
    if (many || kind === 'reverse') return 9
    if (name === info.state) return 1
    if (kind === 'enum' && (name === 'type' || name === 'kind')) return 1
    if (plannedDates.includes(name)) return 2
    if (['value', 'amount', 'total', 'amountDue', 'email', 'priority'].includes(name)) return 2
    if (kind === 'reference') return ['campaign', 'pipeline', 'manager'].includes(name) ? 6 : 3
    if (kind === 'enum') return 4
    return type !== undefined && earlyTypes.includes(type) ? 5 : 8
  }
  return info.fields
    .map((field, at) => ({ name: field.name, rank: rank(field), at }))
    .filter((field) => field.rank < 8)
    .toSorted((one, other) => one.rank - other.rank || one.at - other.at)
    .slice(0, 7)
    .map(({ name }) => name)
}

/** The chosen columns that the type has, or the first ones. */
export function shownColumns(info: NounInfo, chosen: string | undefined): readonly string[] {
  const known = new Set(info.fields.map(({ name }) => name))
  const columns = (chosen ?? '').split(',').filter((name) => known.has(name))
  return columns.length === 0 ? firstColumns(info) : columns
}
