// The forms of a type's verbs, as the tenant describes them.

import { ask, type ServiceRequest } from '@dotdo/service'
import { isPlainObject } from 'digital-objects'

/** `qualify`, `qualifying`, `qualified`, `Qualified`. */
export interface VerbForms {
  readonly verb: string
  readonly before: string
  readonly after: string
  readonly event: string
}

/** Throws the ObjectError of an unknown entity type. */
export async function verbsOf(request: ServiceRequest, noun: string): Promise<readonly VerbForms[]> {
  const { body } = await ask(request, { kind: 'read', read: 'schema', noun, parameters: {} })
  const verbs = isPlainObject(body) ? body['verbs'] : undefined
  // The tenant's object wrote it.
  return Array.isArray(verbs) ? (verbs as readonly unknown[] as readonly VerbForms[]) : []
}
