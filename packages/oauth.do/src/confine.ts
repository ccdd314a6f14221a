// Content that entities hold of others: a conversation of an agent, the results of a workflow, an address that is a secret. Rules
// of a tenant are about entity types, so they cannot say who may see what was copied. Callers without full authority see of it only
// what they have caused, or what was done with their rights.

import { type Authority, isFullAuthority, type NounAuthority, type NounSchema, type RowFilter } from 'digital-objects'

interface Confined {
  readonly rows?: (who: string) => RowFilter
  readonly hidden: readonly string[]
}

const confined: Readonly<Record<string, Confined>> = {
  AgentRun: { rows: (who) => ({ $or: [{ askedBy: who }, { actsFor: who }] }), hidden: [] },
  WorkflowRun: { hidden: ['input', 'plan', 'results', 'error', 'log'] },
  Webhook: { hidden: ['url'] },
}

export function confine(authority: Authority, schemas: readonly NounSchema[]): Authority {
  if (isFullAuthority(authority)) return authority
  const { nouns, others, onBehalfOf, who } = authority
  const held = schemas.flatMap((schema): readonly (readonly [string, NounAuthority])[] => {
    const limits = Object.hasOwn(confined, schema.name) ? confined[schema.name] : undefined
    if (limits === undefined) return []
    const named = Object.hasOwn(nouns, schema.name) ? nouns[schema.name] : undefined
    const granted = named ?? { ...others, hidden: others.hidden.filter((field) => Object.hasOwn(schema.fields, field)) }
    return [[schema.name, cut(granted, limits, onBehalfOf ?? who)]]
  })
  return held.length === 0 ? authority : { ...authority, nouns: { ...nouns, ...Object.fromEntries(held) } }
}

function cut(granted: NounAuthority, { rows, hidden }: Confined, who: string): NounAuthority {
  const { read } = granted
  const own = rows?.(who)
  const both = own === undefined || read === 'none' ? read : read === 'all' ? own : { $and: [read, own] }
  return { ...granted, read: both, hidden: [...new Set([...granted.hidden, ...hidden])] }
}
