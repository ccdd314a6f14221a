// A type as the server describes it to this caller: its fields, verbs and states.

import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import { useScene } from './workspace-context.tsx'

export interface FieldInfo {
  readonly name: string
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
  readonly readOnly?: boolean
}

export interface VerbInfo {
  readonly verb: string
  readonly category: 'crud' | 'custom'
  /** Its event, such as `Lost`. */
  readonly event?: string
  /** Set for a verb that only the server performs. */
  readonly systemOnly?: boolean
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
  readonly disabled: readonly string[]
  readonly searchable: readonly string[]
  /** The name of the state field. */
  readonly state?: string
  readonly transitions: readonly Transition[]
  readonly categories: Readonly<Record<string, string>>
}

export function useNounInfo(noun: string): UseQueryResult<NounInfo> {
  const { workspace } = useScene()
  return useQuery({
    queryKey: [workspace.tenant, 'schema', noun],
    staleTime: Infinity,
    queryFn: async ({ signal }) => {
      const { transitions = [], categories = {}, ...described } = await workspace.client.schema.get(noun, { signal })
      return { transitions, categories, ...described } as unknown as NounInfo // the server's contract
    },
  })
}

const titleFields = ['name', 'title', 'subject', 'number', 'key', 'code', 'email', 'description', 'body']

/** The field that people call an entity by; undefined if there is none. */
export function titleField({ fields }: NounInfo): string | undefined {
  const names = new Set(fields.filter(({ kind, many }) => kind === 'data' && !many).map(({ name }) => name))
  return titleFields.find((name) => names.has(name))
}

/** The name of an entity for people; its id if it has none. */
export function titleOf(entity: Readonly<Record<string, unknown>>): string {
  for (const name of titleFields) {
    const value = entity[name]
    if (typeof value === 'string' && value !== '') return value.length > 80 ? `${value.slice(0, 80)}…` : value
  }
  return String(entity['$id'] ?? '')
}

const earlyTypes = ['string', 'email', 'number', 'integer', 'money', 'date', 'datetime', 'boolean', 'url']

/** The columns that a list begins with: the title, the state, references, then short values. */
export function firstColumns(info: NounInfo): readonly string[] {
  const title = titleField(info)
  const rank = ({ name, kind, type, many }: FieldInfo): number => {
    if (name === title) return 0
    if (many || kind === 'reverse') return 9
    if (name === info.state) return 1
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
