// The Nouns that the services of this repository bring beside the 35 built-in ones. They are vocabulary too, because clients
// work from them; a server has them only through their service.

import { Coupon } from './payments/coupon.ts'
import { CreditNote } from './payments/credit-note.ts'
import { LineItem } from './payments/line-item.ts'
import { Refund } from './payments/refund.ts'
import { SubscriptionItem } from './payments/subscription-item.ts'
import { TaxRate } from './payments/tax-rate.ts'
import { type DomainName, domains, type NounName } from './all-nouns.ts'

/** The Nouns of payments.do. */
export const paymentNouns = Object.freeze({ Refund, CreditNote, LineItem, SubscriptionItem, Coupon, TaxRate })

/** The Nouns of all services by name. */
export const serviceNouns = Object.freeze({ ...paymentNouns })

export type ServiceNounName = keyof typeof serviceNouns

/** All Nouns that clients know by default. */
export type KnownName = NounName | ServiceNounName

/** The domains that services add Nouns to. */
export const serviceDomains = Object.freeze({
  billing: ['Refund', 'CreditNote', 'LineItem', 'SubscriptionItem', 'Coupon', 'TaxRate'],
} as const satisfies { readonly [Domain in DomainName]?: readonly ServiceNounName[] })

/** Returns the names of a domain's Nouns, with those of services; undefined if there is no such domain. */
export function nounsOfDomain(name: string): readonly KnownName[] | undefined {
  const members: Readonly<Record<string, readonly KnownName[]>> = domains
  const brought: Readonly<Record<string, readonly KnownName[]>> = serviceDomains
  if (!Object.hasOwn(members, name)) return undefined
  return [...(members[name] ?? []), ...(Object.hasOwn(brought, name) ? (brought[name] ?? []) : [])]
}

/** The Nouns of a domain, with those of services. */
export type NounsOfDomain<Domain extends DomainName> =
  | (typeof domains)[Domain][number]
  | (Domain extends keyof typeof serviceDomains ? (typeof serviceDomains)[Domain][number] : never)
