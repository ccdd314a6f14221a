// Holds writes to the records of providers: only the server makes and changes them, so that none says what did not happen. A person
// resolves findings.

import type { BeforeHook } from '@dotdo/service'
import { type EntityFields, ObjectError } from 'digital-objects'

const records: readonly string[] = ['PaymentRun', 'PaymentFinding']
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
      run: (fields, { schema: { name }, verb, actor }) => {
        if (actor === server || verb === 'delete') return
        if (name !== 'PaymentFinding' || verb !== 'resolve')
          throw rejected('status', `only the server makes and changes a ${name}`)
        checkResolution(fields, requireConnection)
      },
    },
  ]
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
