// The lines of one of Stripe's invoices as those of an invoice here, and whether both add up to the same.

import type { JsonValue } from 'digital-objects'
import { Unsupported } from './object-fields.ts'
import type { StripeApi, StripeObject } from './stripe-api.ts'
import { at, listAt, numberAt, textAt } from './stripe-value.ts'

/** Stripe's own limit of a page, and ours of pages. */
const pageMax = 100
const linesMax = 1_000

/** Returns all lines; those beyond the first page are fetched. */
export async function linesOf(api: StripeApi, invoice: StripeObject): Promise<readonly StripeObject[]> {
  const lines = [...listAt(invoice, 'lines.data')]
  let hasMore = at(invoice, 'lines.has_more') === true
  while (hasMore) {
    if (lines.length >= linesMax) throw new Unsupported(`it has more than ${linesMax} lines`)
    const after = textAt(lines.at(-1) ?? {}, 'id')
    const page = await api.get(`/v1/invoices/${textAt(invoice, 'id') ?? ''}/lines`, {
      limit: pageMax,
      ...(after === undefined ? {} : { starting_after: after }),
    })
    const more = listAt(page, 'data')
    lines.push(...more)
    hasMore = page['has_more'] === true && more.length > 0
  }
  return lines
}

/** Throws an Unsupported if the sums here would be others than Stripe's. */
export function lineItemsOf(invoice: StripeObject, lines: readonly StripeObject[]): readonly JsonValue[] {
  const items = lines.map(lineItem)
  const sum = (name: 'amount' | 'discountAmount' | 'taxAmount'): number =>
    items.reduce((total, item) => total + (item[name] ?? 0), 0)
  const ours = sum('amount') - sum('discountAmount') + sum('taxAmount')
  const theirs = numberAt(invoice, 'total') ?? 0
  if (ours !== theirs) throw new Unsupported(`its lines add up to ${ours}, and its total is ${theirs}`)
  const due = numberAt(invoice, 'amount_due') ?? theirs
  if (theirs < 0) throw new Unsupported(`its total is ${theirs}, below 0`)
  if (due !== theirs)
    throw new Unsupported(`${due} of its total ${theirs} is due, since a balance of the customer counts`)
  return items
}

interface Item {
  readonly description: string
  readonly amount: number
  readonly discountAmount?: number
  readonly taxAmount?: number
  readonly [name: string]: JsonValue
}

function lineItem(line: StripeObject): Item {
  const amount = numberAt(line, 'amount') ?? 0
  const discount = listAt(line, 'discount_amounts').reduce((total, part) => total + (numberAt(part, 'amount') ?? 0), 0)
  // A tax that is in the amount already is not added.
  const tax = listAt(line, 'taxes', 'tax_amounts').reduce((total, part) => {
    const isIncluded = part['inclusive'] === true || part['tax_behavior'] === 'inclusive'
    return isIncluded ? total : total + (numberAt(part, 'amount') ?? 0)
  }, 0)
  return {
    description: textAt(line, 'description') ?? 'Line',
    amount,
    ...(discount === 0 ? {} : { discountAmount: discount }),
    ...(tax === 0 ? {} : { taxAmount: tax }),
  }
}
