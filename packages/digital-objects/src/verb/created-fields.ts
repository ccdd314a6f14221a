// The fields of a new entity: validated, with defaults and sums.

import type { EntityFields } from '../base/entity.ts'
import { acceptedFields } from '../noun/accepted-fields.ts'
import type { NounSchema } from '../noun/schema.ts'
import { validateCreate } from '../noun/validate.ts'
import { withSums } from '../rules/fill-sums.ts'

/** `operation` names the operation in the message: `Contact.create`. Throws an ObjectError `validation_error`. */
export function createdFields(schema: NounSchema, body: EntityFields, operation: string): EntityFields {
  const fields = acceptedFields(validateCreate(schema, body), operation)
  return withSums(schema, { fields, before: undefined, isGiven: (name) => fields[name] !== undefined })
}
