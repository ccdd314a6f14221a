// `rules.put`: replaces what the roles of the tenant may do. It is a change of the one entity of the system's own Noun `Rules`.

import type { Change, Written } from '@dotdo/do'
import {
  compileAuthority,
  completeRoles,
  authorityOfRole,
  type JsonValue,
  ObjectError,
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
  about: 'Replace what the roles of the tenant may do; a built-in role that is left out returns to its default',
  routes: [{ methods: ['PUT'], path: '/rules' }],
  listedAs: { tag: 'access', operationId: 'rules.put' },
  parameters: writeParameters,
  body: { isRequired: true, schema: () => ref('RulesChange') },
  responses: () => ({ 200: commitResponse('All roles after the change', 'Rules') }),

  async perform(parts, asked) {
    requireFullAuthority(asked.caller, 'a rule')
    // A refused request must not create the tables of a tenant that was never written to.
    checkedRoles(parts, asked.call.body)
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
  const values = (): JsonValue => checkedRoles(parts, asked.call.body) as unknown as JsonValue
  return changeOneEntity(parts, asked, { noun: rulesNoun, stored: parts.store.rules.stored(), values })
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

/** Answers with the roles right after the write, also if this answer repeats that of an earlier request. */
function toResult({ row, isReplay, isUnchanged }: Written): WriteResult {
  const { values } = JSON.parse(row.data) as { readonly values: Roles } // the write path made it
  return {
    body: JSON.stringify({ roles: completeRoles(values) }),
    version: row.version,
    commit: row.commit,
    ...outcomeOf({ isReplay, isUnchanged }),
  }
}
