// Holds writes to the records of providers: only the server makes and changes them, so that none says what did not happen. A person
// resolves findings.

import type { BeforeHook } from '@dotdo/service'
import { type EntityFields, isSameJson, ObjectError } from 'digital-objects'
import { isTenantsOwn } from './is-tenants-own.ts'

const records: readonly string[] = ['PaymentRun', 'PaymentFinding']
/** What resolving changes. */
const resolved: readonly string[] = ['status', 'resolution', 'resolvedAt']
const resolutions: readonly unknown[] = ['Ours', 'Theirs']

export interface Guarded {
  /** The actor of what the server records. */
  readonly server: string
  /** Throws an ObjectError `not_connected`. */
  readonly requireConnection: () => void
}

export function guardRecords({ server, requireConnection }: Guarded): readonly BeforeHook[] {
  return [
    {
      id: 'payments.do/records',
      applies: (noun) => records.includes(noun),
      run: (fields, { schema, verb, actor, previous = {} }) => {
        const { name } = schema
        if (isTenantsOwn(schema) || actor === server || verb === 'delete') return
        if (name !== 'PaymentFinding' || verb !== 'resolve')
          throw new ObjectError({ code: 'forbidden', message: `only the server makes and changes a ${name}` })
        checkOnlyResolved(fields, previous)
        checkResolution(fields, requireConnection)
      },
    },
  ]
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
