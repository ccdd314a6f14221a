// Finds the invoice that a movement pays: the one whose number its reference contains.

import type { ObjectParts } from '@dotdo/service'
import { type EntityFields, ObjectError, type Parameters } from 'digital-objects'

/** The outcome for a movement that came in. */
export type MatchResult =
  | { readonly kind: 'matched'; readonly invoice: string }
  /** A sentence for the person who has to decide. */
  | { readonly kind: 'unclear'; readonly reason: string }

/** Limits the numbers that are looked up for one movement. */
const numbersMax = 30

/** Letters and digits in upper case: people and banks change the rest. */
export function normalized(text: string): string {
  return text.toUpperCase().replace(/[^A-Z0-9]/g, '')
}

/** Returns the numbers that a reference may contain: its words, and words beside each other as one. */
export function possibleNumbers(reference: string): readonly string[] {
  const words = reference.toUpperCase().match(/[A-Z0-9][A-Z0-9/_.-]*/g) ?? []
  const numbers = words.flatMap((word, at) =>
    [1, 2, 3].flatMap((count) => {
      const parts = words.slice(at, at + count)
      return parts.length === count ? [parts.join('-'), parts.join('')] : []
    }),
  )
  const likely = [...new Set(numbers.map((number) => number.replace(/[/_.-]+$/, '')))]
  return likely.filter((number) => /\d/.test(number) && number.length >= 3 && number.length <= 64).slice(0, numbersMax)
}

/** Decides for one movement, whose amount is above 0. */
export async function matchInvoice(parts: ObjectParts, movement: EntityFields): Promise<MatchResult> {
  const { reference = '', amount = 0, currency = '' } = movement
  const numbers = possibleNumbers(String(reference))
  if (numbers.length === 0) return { kind: 'unclear', reason: 'Its reference names no invoice.' }
  const open = { status: { $in: ['Open', 'Uncollectible'] }, currency }
  const byNumber = await findInvoices(parts, { ...open, number: { $in: numbers } })
  // A number that was written otherwise is found among the invoices of which exactly so much is due.
  const text = normalized(String(reference))
  const byAmount = await findInvoices(parts, { ...open, amountDue: amount })
  const written = byAmount.filter(({ number }) => typeof number === 'string' && text.includes(normalized(number)))
  const found = new Map([...byNumber, ...written].map((invoice) => [String(invoice['$id']), invoice]))
  const [one, ...others] = found.values()
  if (one === undefined) return { kind: 'unclear', reason: 'No open invoice has a number that its reference names.' }
  if (others.length > 0)
    return { kind: 'unclear', reason: `Its reference names several invoices: ${listOf([...found.values()])}.` }
  if (Number(amount) > Number(one['amountDue'] ?? 0))
    return { kind: 'unclear', reason: `It is more than what is due on invoice ${String(one['number'])}.` }
  return { kind: 'matched', invoice: String(one['$id']) }
}

function listOf(invoices: readonly EntityFields[]): string {
  return invoices
    .slice(0, 5)
    .map(({ number }) => String(number))
    .join(', ')
}

async function findInvoices(
  parts: ObjectParts,
  filter: Readonly<Record<string, unknown>>,
): Promise<readonly EntityFields[]> {
  const parameters: Parameters = { filter: JSON.stringify(filter), limit: '100', sort: '$id', strong: 'true' }
  const answer = await parts.answer(
    { kind: 'read', read: 'find', noun: 'Invoice', parameters },
    { who: 'system', via: 'system' },
  )
  if (!answer.ok) throw new ObjectError(answer.error)
  return (JSON.parse(answer.body) as { readonly results: readonly EntityFields[] }).results // the answer of our own read
}
