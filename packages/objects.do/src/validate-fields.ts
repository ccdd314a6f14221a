// Whole fields of an entity, held to its Noun again after a hook has changed them.

import { type EntityFields, type NounSchema, ObjectError, validateCreate } from 'digital-objects'

export function validateFields(schema: NounSchema, fields: EntityFields): EntityFields {
  const validated = validateCreate(schema, fields)
  if (validated.ok) return validated.fields
  const [first] = validated.faults
  throw new ObjectError({
    code: 'validation_error',
    ...(first === undefined ? {} : { field: first.field }),
    message:
      `${schema.name}: ${validated.faults.map((fault) => `field '${fault.field}' ${fault.message}`).join('; ')}`.slice(
        0,
        2_000,
      ),
    faults: validated.faults,
  })
}
