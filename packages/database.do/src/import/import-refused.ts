// A file that cannot be imported. Its message says where, and what to do about it.

import { ObjectError } from 'digital-objects'

export function refuseFile(message: string, field = 'file'): ObjectError {
  return new ObjectError({ code: 'validation_error', field, message, faults: [{ field, message }] })
}

/** `options` are the parameters by which the caller can decide. */
export function refuseOption(field: string, message: string): ObjectError {
  return new ObjectError({ code: 'invalid_parameter', field, message: `'${field}' ${message}` })
}
