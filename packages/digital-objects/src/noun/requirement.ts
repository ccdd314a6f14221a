// A connection to a service outside of the tenant that a verb needs, such as `mail`. A service of the server may provide it.
// Without it, the verb is refused, so that no event claims what did not happen.

import { type Conditions, describeCondition, listConditions } from './condition.ts'

export interface Requirement {
  /** The connection's name, or the field that has it: `{ field: 'provider' }`. */
  readonly connection: string | { readonly field: string }
  /** Limits the requirement to such entities, as they are after the verb, and such calls. */
  readonly when?: Conditions
  /**
   * Arguments that state a fact of the outside world, such as the time at which a message was sent by other means. With one
   * of them, the connection is not needed. `*` stands for any argument.
   */
  readonly unlessGiven?: readonly string[]
}

/** A sentence for people: `Needs the connection mail if channel is Email, unless you send sentAt.` */
export function describeRequirement({ connection, when, unlessGiven = [] }: Requirement): string {
  const name = typeof connection === 'string' ? `connection ${connection}` : `connection in ${connection.field}`
  const conditions = listConditions(when).map(describeCondition).join(' and ')
  const given = unlessGiven.includes('*') ? 'data' : unlessGiven.join(' or ')
  const [limit, exception] = [
    conditions === '' ? '' : ` if ${conditions}`,
    given === '' ? '' : `, unless you send ${given}`,
  ]
  return `Needs the ${name}${limit}${exception}.`
}
