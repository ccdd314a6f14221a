// The refusal of an aggregate. `field` is the parameter at fault: `by`, `sum`, `zone`.

import { ObjectError } from '../base/object-error.ts'

const messageCharactersMax = 500

export function invalidAggregate(field: string, message: string): ObjectError {
  const text = `${field}: ${message}`.slice(0, messageCharactersMax)
  return new ObjectError({ code: 'invalid_aggregate', field, message: text })
}
