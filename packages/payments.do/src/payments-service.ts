// payments.do: the records of money, their ledger, movements of bank accounts, and Stripe. Verbs of the built-in billing Nouns create
// the records; while a tenant is connected to Stripe, what happens on one side happens on the other.

import type { ObjectParts, Service } from '@dotdo/service'
import { describeSchema, paymentNouns } from 'digital-objects'
import { bankRoutes } from './bank/bank-routes.ts'
import { BankTransaction } from './bank/bank-transaction.ts'
import { maskMovements } from './bank/mask-movements.ts'
import { matchTransactions } from './bank/match-transactions.ts'
import { Books } from './ledger/books.ts'
import { guardBooks } from './ledger/guard-books.ts'
import { LedgerJob } from './ledger/ledger-job.ts'
import { JournalEntry, Ledger } from './ledger/ledger-nouns.ts'
import { ledgerRoutes } from './ledger/ledger-routes.ts'
import { paymentRoutes } from './payment-routes.ts'
import { Dispute } from './records/dispute.ts'
import { guardRecords } from './records/guard-records.ts'
import { PaymentFinding } from './records/payment-finding.ts'
import { PaymentRun } from './records/payment-run.ts'
import type { StripeOptions } from './stripe/provider-parts.ts'
import { type StripeProvider, stripeProvider } from './stripe/stripe-provider.ts'

export type PaymentsOptions = StripeOptions

export function paymentsService(options: PaymentsOptions): Service {
  const providers = new WeakMap<ObjectParts, StripeProvider>()
  /** Handlers, jobs and routes of one object share it. */
  const providerOf = (parts: ObjectParts): StripeProvider => {
    const provider = providers.get(parts) ?? stripeProvider(parts, options)
    providers.set(parts, provider)
    return provider
  }
  return {
    name: 'payments.do',
    about: 'Keeps refunds and credit notes as records, books them, and connects a tenant to Stripe.',
    nouns: [
      ...Object.values(paymentNouns).map(({ $schema }) => Object.freeze(describeSchema($schema))),
      Ledger.$schema,
      JournalEntry.$schema,
      BankTransaction.$schema,
      PaymentRun.$schema,
      PaymentFinding.$schema,
      Dispute.$schema,
    ],
    connections: ['stripe'],
    isConnected: (_connection, parts) => providerOf(parts).isConnected(parts),
    routes: [...ledgerRoutes, ...bankRoutes, ...paymentRoutes],
    commands: (parts) => ({ ask: (input, by) => providerOf(parts).serve(input, by) }),
    hooks: (parts) => ({
      before: [maskMovements, ...guardBooks(new Books(parts), parts.nowMs), ...guardRecords(providerOf(parts).guarded)],
      after: [matchTransactions(parts), ...providerOf(parts).handlers],
    }),
    jobs: (_context, parts) => [new LedgerJob(parts, new Books(parts)), ...providerOf(parts).jobs],
  }
}
