// The result of validation as fields, or as an error that names every fault.

import type { EntityFields } from '../base/entity.ts'
import { ObjectError } from '../base/object-error.ts'
import type { Validated } from './validate.ts'

/** `operation` names the operation in the message: `Contact.create`. Throws `validation_error`. */
export function acceptedFields(validated: Validated, operation: string): EntityFields {
  if (validated.ok) return validated.fields
  const [first] = validated.faults
  const faults = validated.faults.map((fault) => `field '${fault.field}' ${fault.message}`).join('; ')
  throw new ObjectError({
    code: 'validation_error',
    ...(first === undefined ? {} : { field: first.field }),
    message: `${operation}: ${faults}`.slice(0, 2_000),
    faults: validated.faults,
  })
}
