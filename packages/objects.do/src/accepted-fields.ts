// Fields that were held to their Noun, or the refusal that names every fault.

import { type EntityFields, type NounSchema, ObjectError, type Validated, validateCreate } from 'digital-objects'

/** `what` was done, for the sentence: `Contact.create`. Throws `validation_error`. */
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

/** Whole fields, held to their Noun again after a hook has changed them. */
export function validateFields(schema: NounSchema, fields: EntityFields): EntityFields {
  return acceptedFields(validateCreate(schema, fields), schema.name)
}
