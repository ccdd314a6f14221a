// payments.do: the records of money. It brings the Nouns; verbs of the built-in billing Nouns create their entities. The ledger
// books them, and movements of bank accounts pay invoices.

import type { ObjectParts, Service } from '@dotdo/service'
import { describeSchema, paymentNouns } from 'digital-objects'
import { bankRoutes } from './bank/bank-routes.ts'
import { BankTransaction } from './bank/bank-transaction.ts'
import { matchTransactions } from './bank/match-transactions.ts'
import { Books } from './ledger/books.ts'
import { guardBooks } from './ledger/guard-books.ts'
import { LedgerJob } from './ledger/ledger-job.ts'
import { JournalEntry, Ledger } from './ledger/ledger-nouns.ts'
import { ledgerRoutes } from './ledger/ledger-routes.ts'

export function paymentsService(): Service {
  return {
    name: 'payments.do',
    about: 'Keeps refunds and credit notes as records, and books them.',
    nouns: [
      ...Object.values(paymentNouns).map(({ $schema }) => Object.freeze(describeSchema($schema))),
      Ledger.$schema,
      JournalEntry.$schema,
      BankTransaction.$schema,
    ],
    routes: [...ledgerRoutes, ...bankRoutes],
    hooks: (parts: ObjectParts) => ({
      before: guardBooks(new Books(parts), parts.nowMs),
      after: [matchTransactions(parts)],
    }),
    jobs: (_context, parts) => [new LedgerJob(parts, new Books(parts))],
  }
}
