// The result of validation as fields, or as an error that names every fault.

import { type EntityFields, type NounSchema, ObjectError, type Validated, validateCreate } from 'digital-objects'

/** `what` names the operation in the message: `Contact.create`. Throws `validation_error`. */
export function acceptedFields(validated: Validated, what: string): EntityFields {
  if (validated.ok) return validated.fields
  const [first] = validated.faults
  throw new ObjectError({
    code: 'validation_error',
    ...(first === undefined ? {} : { field: first.field }),
    message: `${what}: ${validated.faults.map((fault) => `field '${fault.field}' ${fault.message}`).join('; ')}`.slice(
      0,
      2_000,
    ),
    faults: validated.faults,
  })
}

/** Validates all fields again after a hook changed them. */
export function validateFields(schema: NounSchema, fields: EntityFields): EntityFields {
  return acceptedFields(validateCreate(schema, fields), schema.name)
}
