// The accounts of the ledger, as data. A journal entry has one signed amount for each, in minor units of its currency: above 0
// is a debit, below 0 a credit.

export const accountNames = [
  'cash',
  'receivables',
  'disputedPayments',
  'unallocatedPayments',
  'customerCredits',
  'taxPayable',
  'revenue',
  'credits',
  'refunds',
  'badDebts',
  'disputeLosses',
  'disputeFees',
] as const

export type AccountName = (typeof accountNames)[number]

/** Amounts by account; a missing one is 0. They add up to 0. */
export type Amounts = Readonly<Partial<Record<AccountName, number>>>

export interface Account {
  /** The code of the account, unless the ledger gives it another. */
  readonly code: string
  /** The name in an accounting program: `Assets:Cash`. Its first part is the kind. */
  readonly title: `${'Assets' | 'Liabilities' | 'Income' | 'Expenses'}:${string}`
  readonly about: string
}

export const accounts: Readonly<Record<AccountName, Account>> = {
  cash: {
    code: '1000',
    title: 'Assets:Cash',
    about: 'Payments received, less refunds paid and what disputes have taken back.',
  },
  receivables: { code: '1200', title: 'Assets:Receivables', about: 'What customers owe on finalized invoices.' },
  disputedPayments: {
    code: '1250',
    title: 'Assets:Disputed-Payments',
    about: 'Payments taken back by disputes that are not decided.',
  },
  unallocatedPayments: {
    code: '2100',
    title: 'Liabilities:Unallocated-Payments',
    about: 'Payments that belong to no invoice.',
  },
  customerCredits: {
    code: '2200',
    title: 'Liabilities:Customer-Credits',
    about: 'Credits of paid invoices that no refund has paid out.',
  },
  taxPayable: { code: '2300', title: 'Liabilities:Tax-Payable', about: 'Tax on invoices, less its share of credits.' },
  revenue: { code: '4000', title: 'Income:Revenue', about: 'Invoices without their tax.' },
  credits: { code: '4100', title: 'Income:Credits', about: 'Credits without their tax, which reduce the revenue.' },
  refunds: {
    code: '4200',
    title: 'Income:Refunds',
    about: 'Refunds that pay out no credit, which reduce the revenue; their tax is not taken back.',
  },
  badDebts: { code: '6000', title: 'Expenses:Bad-Debts', about: 'What is due on uncollectible invoices.' },
  disputeLosses: { code: '6100', title: 'Expenses:Dispute-Losses', about: 'Payments taken back by lost disputes.' },
  disputeFees: { code: '6200', title: 'Expenses:Dispute-Fees', about: 'Fees of disputes.' },
}

export function isAccountName(name: string): name is AccountName {
  return Object.hasOwn(accounts, name)
}
