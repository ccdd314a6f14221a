// Holds writes to the books: there is one ledger, only the server makes entries, periods are closed in order, and nothing is dated
// in a closed one.

import type { BeforeHook } from '@dotdo/service'
import { type EntityFields, isPlainObject, ObjectError } from 'digital-objects'
import { isAccountName } from './accounts.ts'
import { bookingsOf } from './bookings.ts'
import { type Books, closedThroughMsOf } from './books.ts'
import { type BookedNoun, bookedNouns } from './contribution.ts'
import { isTenantsOwn } from '../records/is-tenants-own.ts'

const codePattern = /^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,31}$/u

export function guardBooks(books: Books, nowMs: () => number): readonly BeforeHook[] {
  return [
    {
      id: 'payments.do/ledger',
      applies: (noun) => noun === 'Ledger',
      run: (fields, { schema, verb, previous }) => {
        if (isTenantsOwn(schema)) return
        checkCodes(fields)
        if (verb === 'create' && books.open() !== undefined)
          throw rejected('name', `the books are open already: ${books.open()?.id}`)
        if (verb === 'close') checkClose(fields, previous, nowMs())
        if (verb === 'reopen') checkReopen(fields, previous)
      },
    },
    {
      id: 'payments.do/journal',
      applies: (noun) => noun === 'JournalEntry',
      run: (_fields, { schema, actor }) => {
        if (actor !== 'system' && !isTenantsOwn(schema))
          throw new ObjectError({ code: 'forbidden', message: 'only the server makes entries of the journal' })
      },
    },
    {
      id: 'payments.do/closed-period',
      applies: (noun) => isBooked(noun),
      run: (fields, { schema: { name }, verb, previous }) => {
        const { closedThroughMs } = books.open() ?? {}
        if (closedThroughMs === undefined || !isBooked(name)) return
        const after = verb === 'delete' ? undefined : fields
        for (const { bookedAt } of bookingsOf({ noun: name, before: previous, after }))
          if (bookedAt !== undefined && Date.parse(bookedAt) <= closedThroughMs)
            throw rejected(
              'at',
              `this belongs to ${bookedAt}, but the books are closed through ${new Date(closedThroughMs).toISOString()}: date it later, or reopen them`,
            )
      },
    },
  ]
}

function isBooked(noun: string): noun is BookedNoun {
  return bookedNouns.some((name) => name === noun)
}

function checkCodes({ accountCodes }: EntityFields): void {
  if (accountCodes === undefined) return
  if (!isPlainObject(accountCodes)) throw rejected('accountCodes', 'expects an object of codes by account')
  for (const [name, code] of Object.entries(accountCodes)) {
    if (!isAccountName(name)) throw rejected(`accountCodes.${name.slice(0, 64)}`, 'is no account of the ledger')
    if (typeof code !== 'string' || !codePattern.test(code))
      throw rejected(`accountCodes.${name}`, 'expects 1 to 32 letters, digits, spaces, dots, hyphens and underscores')
  }
}

function checkClose(fields: EntityFields, previous: EntityFields | undefined, nowMs: number): void {
  const throughMs = closedThroughMsOf(fields)
  const beforeMs = closedThroughMsOf(previous)
  if (throughMs === undefined) throw rejected('closedThrough', 'expects the time up to which the books are closed')
  if (throughMs >= nowMs) throw rejected('closedThrough', 'a period is closed after it has ended')
  if (beforeMs !== undefined && throughMs <= beforeMs)
    throw rejected('closedThrough', `the books are closed through ${new Date(beforeMs).toISOString()}: expected later`)
}

function checkReopen(fields: EntityFields, previous: EntityFields | undefined): void {
  const throughMs = closedThroughMsOf(fields)
  const beforeMs = closedThroughMsOf(previous)
  if (beforeMs === undefined) throw rejected('closedThrough', 'no period is closed')
  if (throughMs !== undefined && throughMs >= beforeMs)
    throw rejected(
      'closedThrough',
      `the books are closed through ${new Date(beforeMs).toISOString()}: expected earlier`,
    )
}

function rejected(field: string, message: string): ObjectError {
  return new ObjectError({ code: 'hook_rejected', field, message })
}
