// Masks the numbers of cards in the texts of movements, however they come in: from a statement, an import or a single write.

import type { BeforeHook } from '@dotdo/service'
import type { EntityFields } from 'digital-objects'
import { maskCardNumbers } from '../records/card-numbers.ts'
import { isTenantsOwn } from '../records/is-tenants-own.ts'

/** The texts that a bank or the other party has written. An account of cards may be named by the number of a card. */
const texts = ['reference', 'party', 'partyAccount', 'account'] as const

export const maskMovements: BeforeHook = {
  id: 'payments.do/cards',
  applies: (noun) => noun === 'BankTransaction',
  run: (fields, { schema, verb }) => {
    if (isTenantsOwn(schema) || verb === 'delete') return fields
    const masked: Record<string, EntityFields[string]> = {}
    for (const name of texts) {
      const text = fields[name]
      if (typeof text === 'string' && maskCardNumbers(text) !== text) masked[name] = maskCardNumbers(text)
    }
    return Object.keys(masked).length === 0 ? fields : { ...fields, ...masked }
  },
}
