// The refusal of a definition.

import { ObjectError } from '../base/object-error.ts'

/** `field` is the part of the definition at fault; the message names the Noun. */
export function invalidDefinition(field: string, message: string): ObjectError {
  return new ObjectError({ code: 'invalid_definition', field, message })
}
