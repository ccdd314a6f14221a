// `rules.put`: replaces the rules of the tenant: what the roles may do, and what needs the approval of a person. It is a change
// of the one entity of the system's own Noun `Rules`.

import { type Change, type RulesValues, type StoredRules, toRulesValues, toStoredRules, type Written } from '@dotdo/do'
import {
  type ApprovalRule,
  authorityOfRole,
  compileAuthority,
  completeRoles,
  type JsonValue,
  ObjectError,
  parseApprovalRules,
  parseFilter,
  parseRoles,
  type Roles,
  rulesNoun,
} from 'digital-objects'
import { requireFullAuthority } from '../answers/require-full-authority.ts'
import { commitResponse, ref } from '../openapi/components.ts'
import { writeParameters } from '../openapi/parameters.ts'
import { changeOneEntity } from './one-entity-change.ts'
import { outcomeOf } from './outcome.ts'
import { parseBody } from './parse-body.ts'
import type { Write, WriteAsked, WriteParts, WriteResult } from './write.ts'

export const putRules: Write = {
  kind: 'write',
  name: 'rules.put',
  about:
    'Replace what the roles of the tenant may do, what needs the approval of a person, or both; a built-in role that is left out of the roles returns to its default',
  routes: [{ methods: ['PUT'], path: '/rules' }],
  listedAs: { tag: 'access', operationId: 'rules.put' },
  parameters: writeParameters,
  body: { isRequired: true, schema: () => ref('RulesChange') },
  responses: () => ({ 200: commitResponse('All rules after the change', 'Rules') }),

  async perform(parts, asked) {
    requireFullAuthority(asked.caller, 'a rule')
    // A refused request must not create the tables of a tenant that was never written to.
    checkedRules(parts, asked.call.body)
    const { tenant, context } = asked.caller
    return toResult(await parts.store.write(() => toChange(parts, asked), { name: tenant, context }))
  },
  performIn(commit, parts, asked) {
    requireFullAuthority(asked.caller, 'a rule')
    return toResult(commit.write(toChange(parts, asked)))
  },
}

function toChange(parts: WriteParts, asked: WriteAsked): Change {
  // Plain JSON, as it was sent.
  const values = (): JsonValue => toStoredRules(checkedRules(parts, asked.call.body)) as unknown as JsonValue
  return changeOneEntity(parts, asked, { noun: rulesNoun, stored: parts.store.rules.stored(), values })
}

/** Returns the rules after the change. A part that is left out stays. Throws an ObjectError that names the rule and field. */
function checkedRules(parts: Pick<WriteParts, 'store'>, body: string): RulesValues {
  const { approvals, ...rest } = parseBody(body)
  const { store } = parts
  const before = store.isReady ? store.rules.values : { roles: {}, approvals: [] }
  const isOnlyApprovals = approvals !== undefined && Object.keys(rest).length === 0
  return {
    roles: isOnlyApprovals ? before.roles : checkedRoles(parts, JSON.stringify(rest)),
    approvals: approvals === undefined ? before.approvals : checkedApprovals(parts, approvals),
  }
}

/** A filter is of one type, so that it means the same for each entity that it chooses. */
function checkedApprovals({ store }: Pick<WriteParts, 'store'>, value: JsonValue): readonly ApprovalRule[] {
  const rules = parseApprovalRules(value)
  const { lookup } = store.catalog.current
  for (const [at, { types, where }] of rules.entries()) {
    const field = `approvals[${at}]`
    const stray = types?.find((name) => lookup(name) === undefined)
    if (stray !== undefined) throw invalid(`${field}.types`, `names '${stray}', which is no entity type`)
    if (where === undefined) continue
    const [schema, ...others] = (types ?? []).flatMap((name) => lookup(name) ?? [])
    if (schema === undefined || others.length > 0) throw invalid(`${field}.where`, 'needs types with one entity type')
    try {
      parseFilter(where, { schema, lookup })
    } catch (error) {
      if (!(error instanceof ObjectError)) throw error
      throw invalid(`${field}.where`, error.message)
    }
  }
  return rules
}

function invalid(field: string, message: string): ObjectError {
  return new ObjectError({ code: 'invalid_authority', field, message: `${field} ${message}` })
}

/** Parses roles, and checks names and filters against the tenant's Nouns. Throws an ObjectError that names the role and field. */
export function checkedRoles({ store }: Pick<WriteParts, 'store'>, body: string): Roles {
  const roles = parseRoles(parseBody(body))
  const { lookup } = store.catalog.current
  for (const [name, role] of Object.entries(roles)) {
    const [fault] = compileAuthority(authorityOfRole(role, 'user_0'), lookup).faults
    if (fault === undefined) continue
    const field = `roles.${name}.${fault.field}`
    throw new ObjectError({ code: 'invalid_authority', field, message: `${field} ${fault.message}` })
  }
  const known = lookup('User')?.fields['role']
  const values = known?.kind === 'enum' ? known.values : []
  const stray = Object.keys(roles).find((name) => !values.includes(name))
  if (stray === undefined) return roles
  throw new ObjectError({
    code: 'invalid_authority',
    field: `roles.${stray.slice(0, 64)}`,
    message: `roles.${stray.slice(0, 64)} is no value of User.role: add it with PATCH /schema/User, such as {"fields":{"role":"${[...values, stray.slice(0, 64)].join(' | ')}"}}`,
  })
}

/** Answers with the rules right after the write, also if this answer repeats that of an earlier request. */
function toResult({ row, isReplay, isUnchanged }: Written): WriteResult {
  const { values } = JSON.parse(row.data) as { readonly values: StoredRules } // the write path made it
  const { roles, approvals } = toRulesValues(values)
  return {
    body: JSON.stringify({ roles: completeRoles(roles), approvals, version: row.version }),
    version: row.version,
    commit: row.commit,
    ...outcomeOf({ isReplay, isUnchanged }),
  }
}
