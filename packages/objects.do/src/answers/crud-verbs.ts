// The verbs that a Noun has unless its definition disables them.

import { isPlainObject, type NounSchema, ObjectError, type Verb } from 'digital-objects'

export const crudVerbs = ['create', 'update', 'delete'] as const
export type CrudVerb = (typeof crudVerbs)[number]

/** Throws an ObjectError `verb_disabled`, whose detail lists the disabled verbs, if the definition disables the verb. */
export function findCrudVerb({ name, verbs, disabled }: NounSchema, wanted: CrudVerb): Verb {
  const verb = Object.hasOwn(verbs, wanted) ? verbs[wanted] : undefined
  if (verb !== undefined) return verb
  const message = `${name} has no verb ${wanted}: its definition disables it`
  throw new ObjectError({ code: 'verb_disabled', message, detail: { disabled } })
}

/** The member `disabled` of an entity type's description, or of the detail of an error `verb_disabled`. */
export function disabledOf(described: unknown): readonly CrudVerb[] {
  const names: unknown = isPlainObject(described) ? described['disabled'] : undefined
  return Array.isArray(names) ? crudVerbs.filter((verb) => names.includes(verb)) : []
}

/** Throws like `findCrudVerb` if the name is that of a disabled verb. */
export function refuseDisabled(schema: NounSchema, name: string): void {
  const verb = crudVerbs.find((candidate) => candidate === name)
  if (verb !== undefined) findCrudVerb(schema, verb)
}
