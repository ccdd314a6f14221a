// The functions that a tenant has stored, as a route finds them with the rights of the request's caller.

import { ask, type ServiceRequest } from '@dotdo/service'
import { isPlainObject, type JsonValue, ObjectError } from 'digital-objects'

/** The entity of a Function by its name. Throws an ObjectError `not_found`. */
export async function askFunction(
  request: Pick<ServiceRequest, 'answerMessage'>,
  name: string,
): Promise<Readonly<Record<string, JsonValue>>> {
  const found = await findFunction(request, name)
  if (found !== undefined) return found
  throw new ObjectError({ code: 'not_found', field: 'name', message: `there is no function '${name.slice(0, 64)}'` })
}

export async function findFunction(
  request: Pick<ServiceRequest, 'answerMessage'>,
  name: string,
): Promise<Readonly<Record<string, JsonValue>> | undefined> {
  const parameters = { filter: JSON.stringify({ name }), limit: '1', strong: 'true' }
  const { body } = await ask(request, { kind: 'read', read: 'find', noun: 'Function', parameters })
  const results = isPlainObject(body) ? body['results'] : undefined
  const [first] = Array.isArray(results) ? results : []
  return isPlainObject(first) ? (first as Readonly<Record<string, JsonValue>>) : undefined
}
