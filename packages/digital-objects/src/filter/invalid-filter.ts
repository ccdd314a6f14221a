// The refusal of a filter.

import { ObjectError } from '../base/object-error.ts'

const pathCharactersMax = 64
const messageCharactersMax = 500

/** `path` is the path at fault, or an empty string for the filter as a whole. */
export function invalidFilter(path: string, message: string): ObjectError {
  const field = path.slice(0, pathCharactersMax) || 'filter'
  return new ObjectError({ code: 'invalid_filter', field, message: message.slice(0, messageCharactersMax) })
}
