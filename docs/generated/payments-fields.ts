// The table of ownership: each field that exists on both sides, and the side that decides it.

import { objectTable } from '../../packages/payments.do/src/stripe/object-table.ts'
import { markdownTable } from './markdown-table.ts'

export function paymentsFields(): string {
  const rows = objectTable.flatMap(({ object, noun, id, fields }) => [
    [`\`${noun}.${id}\``, `\`${object}.id\``, 'Stripe', 'no'],
    ...fields.map(({ field, from, side, to, isFixed }) => [
      `\`${noun}.${field}\``,
      from.map((path) => `\`${object}.${path}\``).join(', else '),
      side === 'Both' ? 'both' : isFixed === true ? 'whoever creates it' : 'Stripe',
      to === undefined ? 'no' : isFixed === true ? 'when it is created' : 'yes',
    ]),
  ])
  return markdownTable(['here', 'at Stripe', 'decided by', 'sent'], rows)
}
