// Content that entities hold of others: a conversation of an agent, the results of a workflow, both sides of a payment. Rules of a
// tenant are about entity types, so they cannot say who may see what was copied. A copy is for callers who may see all that it may
// hold; of a copy of anything, a caller without full authority sees only what it has caused, or what was done with its rights.

import {
  type Authority,
  bothRules,
  grantedTo,
  isFullAuthority,
  type NounAuthority,
  type NounSchema,
  type RowFilter,
  type RowRule,
} from 'digital-objects'

interface Confined {
  /** The service that brings the Noun: a Noun of the tenant's own that has the same name holds what the tenant says. */
  readonly service?: string
  /** The Nouns whose values it repeats, if these are not any. */
  readonly copies?: readonly string[]
  readonly rows?: (who: string) => RowRule
  readonly hidden?: readonly string[]
}

const none = (): RowRule => 'none'
const ofPayments = { service: 'payments.do', rows: none } as const

/** The Nouns that repeat values of others beyond what their fields are for. */
export const confined: Readonly<Record<string, Confined>> = {
  Agent: { hidden: ['lastCall'] },
  AgentRun: { rows: (who): RowFilter => ({ $or: [{ askedBy: who }, { actsFor: who }] }) },
  WorkflowRun: { hidden: ['input', 'plan', 'results', 'error', 'log'] },
  Webhook: { hidden: ['url'] },
  JournalEntry: { ...ofPayments, copies: ['Invoice', 'Payment', 'Refund', 'CreditNote'] },
  PaymentFinding: {
    ...ofPayments,
    copies: [
      'Customer',
      'Product',
      'Price',
      'Coupon',
      'TaxRate',
      'Subscription',
      'SubscriptionItem',
      'Invoice',
      'LineItem',
      'Payment',
      'Refund',
      'CreditNote',
      'Dispute',
    ],
  },
}

/** The Nouns that only callers with full authority see whole, whatever their role says. */
export const neverWhole: readonly string[] = Object.keys(confined).filter(
  (name) => confined[name]?.copies === undefined,
)

export function confine(authority: Authority, schemas: readonly NounSchema[]): Authority {
  if (isFullAuthority(authority)) return authority
  const { nouns, onBehalfOf, who } = authority
  const seesAll = (name: string): boolean => {
    const schema = schemas.find((one) => one.name === name)
    if (schema === undefined) return true
    const { read, hidden } = grantedTo(authority, schema)
    return read === 'all' && hidden.length === 0
  }
  const held = schemas.flatMap((schema): readonly (readonly [string, NounAuthority])[] => {
    const limits = Object.hasOwn(confined, schema.name) ? confined[schema.name] : undefined
    if (limits === undefined || (limits.service !== undefined && limits.service !== schema.service)) return []
    if (limits.copies?.every(seesAll) === true) return []
    return [[schema.name, cut(grantedTo(authority, schema), limits, onBehalfOf ?? who)]]
  })
  return held.length === 0 ? authority : { ...authority, nouns: { ...nouns, ...Object.fromEntries(held) } }
}

function cut(granted: NounAuthority, { rows, hidden = [] }: Confined, who: string): NounAuthority {
  const read = bothRules(granted.read, rows?.(who) ?? 'all')
  return { ...granted, read, hidden: [...new Set([...granted.hidden, ...hidden])] }
}
