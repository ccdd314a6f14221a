// payments.do: the records of money. It brings the Nouns; verbs of the built-in billing Nouns create their entities.

import type { Service } from '@dotdo/service'
import { describeSchema, paymentNouns } from 'digital-objects'

export function paymentsService(): Service {
  return {
    name: 'payments.do',
    about: 'Keeps refunds and credit notes as records.',
    nouns: Object.values(paymentNouns).map(({ $schema }) => Object.freeze(describeSchema($schema))),
  }
}
