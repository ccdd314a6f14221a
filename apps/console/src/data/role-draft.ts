// The rules of a role while a person edits them.

import type { Grant, RolesInput } from '@headlessly/sdk'

export type RoleDraft = RolesInput[string]

export type RowRule = NonNullable<Grant['read']>

/** Owners and administrators may do everything, which no rule changes. */
export const fixedRoles: ReadonlySet<string> = new Set(['Owner', 'Admin'])

/** Roles that every business has; one that is left out returns to its default. */
export const builtInRoles: ReadonlySet<string> = new Set([...fixedRoles, 'Member', 'Viewer'])

export const emptyRole: RoleDraft = { nouns: {}, others: { read: 'all', write: 'none', verbs: [] } }

export type Extent = 'all' | 'some' | 'none'

export function extentOf(rule: RowRule | Grant['verbs']): Extent {
  if (rule === 'all') return 'all'
  if (rule === undefined || rule === 'none') return 'none'
  return Array.isArray(rule) && rule.length === 0 ? 'none' : 'some'
}

/** Records of one's own are the usual beginning of a rule. */
export function ruleOf(extent: Extent, ownerField: string | undefined): RowRule {
  if (extent !== 'some') return extent
  return ownerField === undefined ? {} : { [ownerField]: '$me' }
}

export function withGrant(role: RoleDraft, noun: string, grant: Grant | undefined): RoleDraft {
  const { [noun]: _, ...others } = role.nouns ?? {}
  return { ...role, nouns: grant === undefined ? others : { ...role.nouns, [noun]: grant } }
}

/** The list with the name added, or without it. */
export function toggled(names: readonly string[], name: string): readonly string[] {
  return names.includes(name) ? names.filter((one) => one !== name) : [...names, name]
}

/** Throws a SyntaxError for what is no JSON; the server checks the rest. */
export function parseRoles(text: string): RolesInput {
  return JSON.parse(text) as RolesInput
}

interface MergedRoles {
  /** The roles of both editors; where both have changed the same role, mine. */
  readonly roles: RolesInput
  /** The roles that both have changed, each in another way. */
  readonly disputed: readonly string[]
}

interface Versions {
  /** The roles that both editors began with. */
  readonly begun: RolesInput
  readonly mine: RolesInput
  readonly theirs: RolesInput
}

/** Joins what two editors have made of the same roles. A role that one of them has removed, and the other left, is removed. */
export function mergeRoles({ begun, mine, theirs }: Versions): MergedRoles {
  const names = [...new Set([...Object.keys(theirs), ...Object.keys(mine)])]
  const isSame = (one: RoleDraft | undefined, other: RoleDraft | undefined): boolean =>
    JSON.stringify(one) === JSON.stringify(other)
  const roles: Record<string, RoleDraft> = {}
  const disputed: string[] = []
  for (const name of names) {
    const [before, own, other] = [begun[name], mine[name], theirs[name]]
    const kept = isSame(own, before) ? other : own
    if (kept !== undefined) roles[name] = kept
    if (!isSame(own, before) && !isSame(other, before) && !isSame(own, other)) disputed.push(name)
  }
  return { roles, disputed }
}

/** The merged roles with those of the other editor where both have changed the same. */
export function withTheirs({ roles, disputed }: MergedRoles, theirs: RolesInput): RolesInput {
  const others = Object.entries(roles).filter(([name]) => !disputed.includes(name))
  return Object.fromEntries([
    ...others,
    ...disputed.flatMap((name) => (theirs[name] ? [[name, theirs[name]] as const] : [])),
  ])
}
