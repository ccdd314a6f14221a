// Holds writes to the records of providers: only the server makes and changes them, so that none says what did not happen. A person
// resolves findings.

import type { BeforeHook } from '@dotdo/service'
import { type EntityFields, isSameJson, ObjectError } from 'digital-objects'
import { isTenantsOwn } from './is-tenants-own.ts'

const records: readonly string[] = ['PaymentRun', 'PaymentFinding', 'Dispute']
/** What resolving changes. */
const resolved: readonly string[] = ['status', 'resolution', 'resolvedAt']
const resolutions: readonly unknown[] = ['Ours', 'Theirs']

export interface Guarded {
  /** The actor of what the server records. */
  readonly server: string
  readonly isConnected: () => boolean
  /** Throws an ObjectError `not_connected`. */
  readonly requireConnection: () => void
  /** The field with the provider's id, by Noun. */
  readonly ids: Readonly<Record<string, string>>
}

export function guardRecords({ server, isConnected, requireConnection, ids }: Guarded): readonly BeforeHook[] {
  return [
    {
      id: 'payments.do/ids',
      applies: (noun) => Object.hasOwn(ids, noun),
      // By its id, an entity stands for an object: another one would send what is meant for this one.
      run: (fields, { schema: { name }, actor, verb, previous = {} }) => {
        const id = ids[name] ?? ''
        const isSame = isSameJson(fields[id] ?? null, previous[id] ?? null)
        if (actor === server || verb === 'delete' || isSame || !isConnected()) return
        throw new ObjectError({
          code: 'hook_rejected',
          field: id,
          message: `only ${server} sets ${id} while the tenant is connected to it`,
        })
      },
    },
    {
      id: 'payments.do/items',
      applies: (noun) => noun === 'SubscriptionItem',
      // It would count here, and nobody would bill it.
      run: ({ subscription }, { schema: { name }, actor, verb, read }) => {
        if (actor === server || (verb !== 'create' && verb !== 'update') || !isConnected()) return
        if (typeof subscription !== 'string' || read('Subscription', subscription)?.['billedBy'] !== server) return
        throw new ObjectError({
          code: 'hook_rejected',
          field: 'subscription',
          message: `${server} bills ${subscription}: change its items there, and the ${name} follows`,
        })
      },
    },
    {
      id: 'payments.do/records',
      applies: (noun) => records.includes(noun),
      run: (fields, { schema, verb, actor, previous = {} }) => {
        const { name } = schema
        if (isTenantsOwn(schema) || actor === server) return
        if (verb === 'delete') return checkDeletion(name, previous, isConnected())
        if (name !== 'PaymentFinding' || verb !== 'resolve')
          throw new ObjectError({ code: 'forbidden', message: `only the server makes and changes a ${name}` })
        checkOnlyResolved(fields, previous)
        checkResolution(fields, requireConnection)
      },
    },
  ]
}

/** Work that is under way, and what a person still has to answer, stay. */
function checkDeletion(noun: string, { status, kind }: EntityFields, isConnected: boolean): void {
  if (noun === 'PaymentRun' && status === 'Running' && isConnected)
    throw rejected('status', 'a run that is under way cannot be deleted: wait until it has ended')
  if (noun === 'Dispute') throw rejected('status', 'a dispute is a record of money, and is not deleted')
  if (noun === 'PaymentFinding' && status === 'Open' && kind === 'Dispute')
    throw rejected('status', 'an open dispute cannot be deleted: resolve it first')
}

/** The rest says what was found, and for which object the decision is sent. */
function checkOnlyResolved(fields: EntityFields, previous: EntityFields): void {
  const changed = Object.keys({ ...previous, ...fields }).find(
    (name) => !resolved.includes(name) && !isSameJson(fields[name] ?? null, previous[name] ?? null),
  )
  if (changed !== undefined)
    throw new ObjectError({ code: 'forbidden', field: changed, message: 'only the server changes what was found' })
}

/** What a person decides about a conflict is done at once, so it needs a decision, and a connection. */
function checkResolution({ kind, resolution }: EntityFields, requireConnection: () => void): void {
  if (kind !== 'Conflict') return
  if (!resolutions.includes(resolution))
    throw rejected('resolution', 'expects Ours or Theirs: the value that both sides get')
  requireConnection()
}

function rejected(field: string, message: string): ObjectError {
  return new ObjectError({ code: 'hook_rejected', field, message })
}
