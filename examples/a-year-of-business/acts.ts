// The acts of the outside world in a year of a small company: who signs up, pays or does not, asks for help, buys. An act names
// its subjects by keys of its own, never by ids of the product.

export type PriceKey = 'starter' | 'team' | 'business' | 'enterprise'

export interface PriceTerms {
  readonly plan: string
  /** Minor units of EUR for one seat and one period. */
  readonly amount: number
  readonly interval: 'Monthly' | 'Quarterly' | 'Yearly'
  readonly months: number
  readonly trialDays: number
}

export const prices: Readonly<Record<PriceKey, PriceTerms>> = {
  starter: { plan: 'Starter', amount: 1_900, interval: 'Monthly', months: 1, trialDays: 14 },
  team: { plan: 'Team', amount: 4_950, interval: 'Monthly', months: 1, trialDays: 0 },
  business: { plan: 'Business', amount: 38_700, interval: 'Quarterly', months: 3, trialDays: 0 },
  enterprise: { plan: 'Enterprise', amount: 990_000, interval: 'Yearly', months: 12, trialDays: 0 },
}

export const priceKeys = ['starter', 'team', 'business', 'enterprise'] as const

export const priorities = ['Low', 'Medium', 'High', 'Urgent'] as const
export type Priority = (typeof priorities)[number]

/** Rules of the business that are its settings: the ledger follows them, and the tenant is given them. */
export const terms = {
  paymentDays: 14,
  retryDays: [3, 7, 12],
  firstResponseHours: { Urgent: 1, High: 4, Medium: 24, Low: 72 },
  resolutionHours: { Urgent: 4, High: 16, Medium: 96, Low: 288 },
} as const

/** The acts of visitors, step by step, and the time in which all of it counts together. */
export const steps = ['visited', 'registered', 'ordered'] as const
export const hoursOfFunnel = 168

/** The pages that the experiment compares; the first is the control. */
export const variants = ['plain', 'bold'] as const

/** The acts, by their subject: a customer, who has one subscription, an organization, a ticket, a deal, a campaign or a visitor. */
export type Deed =
  | { readonly kind: 'meet'; readonly organization: string }
  | {
      readonly kind: 'signUp'
      readonly customer: string
      readonly organization: string
      readonly price: PriceKey
      readonly quantity: number
    }
  | { readonly kind: 'changePlan'; readonly customer: string; readonly price: PriceKey; readonly quantity: number }
  | { readonly kind: 'pause'; readonly customer: string; readonly resumesAtMs: number }
  | { readonly kind: 'cancel'; readonly customer: string; readonly isAtPeriodEnd: boolean }
  | { readonly kind: 'comeBack'; readonly customer: string }
  /** The customer pays the oldest open invoice, if there is one. */
  | { readonly kind: 'pay'; readonly customer: string }
  /** The bank declines a payment of the oldest open invoice, if there is one. */
  | { readonly kind: 'decline'; readonly customer: string }
  /** Percent of the last payment are paid back, if there is one that was not. */
  | { readonly kind: 'refund'; readonly customer: string; readonly percent: number }
  /** Percent of the oldest open invoice are credited, if there is one. */
  | { readonly kind: 'credit'; readonly customer: string; readonly percent: number }
  | {
      readonly kind: 'bill'
      readonly customer: string
      readonly amounts: readonly number[]
      readonly discount: number
      readonly tax: number
    }
  | { readonly kind: 'ask'; readonly ticket: string; readonly organization: string; readonly priority: Priority }
  | { readonly kind: 'reply'; readonly ticket: string }
  | { readonly kind: 'escalate'; readonly ticket: string }
  | { readonly kind: 'solve'; readonly ticket: string }
  | {
      readonly kind: 'offer'
      readonly deal: string
      readonly organization: string
      readonly value: number
      readonly probability: number
      readonly campaign?: string
    }
  | { readonly kind: 'advance'; readonly deal: string; readonly probability: number }
  | { readonly kind: 'win'; readonly deal: string }
  | { readonly kind: 'lose'; readonly deal: string }
  /** A campaign begins. All amounts of campaigns and deals are in whole EUR. */
  | { readonly kind: 'launch'; readonly campaign: string; readonly cost: number }
  /** The cost of a campaign so far. */
  | { readonly kind: 'spend'; readonly campaign: string; readonly cost: number }
  | { readonly kind: 'finish'; readonly campaign: string }
  /** Somebody answers to a campaign. */
  | { readonly kind: 'inquire'; readonly lead: string; readonly campaign: string }
  /** A visitor takes a step. */
  | { readonly kind: 'step'; readonly visitor: string; readonly name: (typeof steps)[number] }
  /** A visitor sees one of the pages that the experiment compares. */
  | { readonly kind: 'show'; readonly visitor: string }

export type Act = Deed & { readonly atMs: number }
