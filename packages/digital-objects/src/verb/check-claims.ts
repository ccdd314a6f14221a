// Refuses a change that claims what no connection of the server can do. The claim is the verb's, or that of a creation or an
// update which sets the state to which only such a verb leads.

import type { EntityFields, JsonValue } from '../base/entity.ts'
import type { NounSchema, Verb } from '../noun/schema.ts'
import { effectsOf } from './apply-verb.ts'
import { checkConnections, type Connections } from './check-connections.ts'
import { verbArguments } from './decide-change.ts'

export interface ClaimingChange {
  readonly schema: NounSchema
  readonly verb: Verb
  /** The caller's arguments. */
  readonly input: Readonly<Record<string, JsonValue>>
  readonly before: EntityFields | undefined
  readonly after: EntityFields
}

/** A value of a field to which a verb with requirements leads. */
interface Claim {
  readonly verb: Verb
  readonly field: string
  readonly value: string
}

/** Throws an ObjectError `not_connected`. */
export function checkClaims(change: ClaimingChange, connections: Connections): void {
  const { schema, verb, input, before, after } = change
  if (verb.category === 'custom') {
    if (verb.effect.requires === undefined) return
    checkConnections({ schema, verb, input: verbArguments(schema, verb, input), fields: after }, connections)
    return
  }
  for (const claim of claimsOf(schema))
    if (after[claim.field] === claim.value && before?.[claim.field] !== claim.value)
      checkConnections({ schema, verb: claim.verb, input: givenFields(claim.verb, input), fields: after }, connections)
}

/** A field with any value is no fact, so only the arguments that the verb names as such count. */
function givenFields({ effect }: Verb, input: ClaimingChange['input']): ClaimingChange['input'] {
  const facts = (effect.requires ?? []).flatMap(({ unlessGiven = [] }) => unlessGiven)
  return Object.fromEntries(Object.entries(input).filter(([name]) => facts.includes(name)))
}

/** A pure cache: claims depend only on the frozen schema. */
const known = new WeakMap<NounSchema, readonly Claim[]>()

function claimsOf(schema: NounSchema): readonly Claim[] {
  const claims = known.get(schema) ?? listClaims(schema)
  known.set(schema, claims)
  return claims
}

function listClaims(schema: NounSchema): readonly Claim[] {
  const { state, transitions, verbs } = schema
  return Object.values(verbs).flatMap((verb): readonly Claim[] => {
    if (verb.effect.requires === undefined) return []
    // A verb that is possible in a state and stays there does not lead to it.
    const rows = transitions.filter((row) => row.verb === verb.name && !row.from.includes(row.to))
    const targets = state === undefined ? [] : rows.map(({ to }) => ({ verb, field: state, value: to }))
    const sets = Object.entries(effectsOf(schema, verb)).flatMap(([field, effect]): readonly Claim[] =>
      schema.fields[field]?.kind === 'enum' && effect.kind === 'literal' && typeof effect.value === 'string'
        ? [{ verb, field, value: effect.value }]
        : [],
    )
    return [...targets, ...sets]
  })
}
