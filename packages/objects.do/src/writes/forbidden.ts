// The refusal of a write that its caller may not make.

import { ObjectError } from 'digital-objects'

export function forbidden(message: string): ObjectError {
  return new ObjectError({ code: 'forbidden', message })
}
