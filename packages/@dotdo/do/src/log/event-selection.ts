// Selects events of the log by type, actor and entity. Lists and live events take the same parameters.

import {
  type EventPattern,
  isEntityIdOf,
  matchesEventPattern,
  type NounSchema,
  ObjectError,
  type Parameters,
  parseEventPattern,
} from 'digital-objects'

/** Selects the events that meet every condition. */
export interface EventSelection {
  readonly pattern?: EventPattern
  readonly actor?: string
  /** The id of an entity. */
  readonly entity?: string
}

/** Limits `actor`, which is an id or a word such as `owner`. */
export const actorCharactersMax = 256

/** Throws an ObjectError that names the parameter. `schemas` are the Nouns whose entities may be named. */
export function parseEventSelection(
  { type, actor, entity }: Parameters,
  schemas: () => readonly NounSchema[],
): EventSelection {
  return {
    ...(type === undefined ? {} : { pattern: parseEventPattern(type) }),
    ...(actor === undefined ? {} : { actor: parseActor(actor) }),
    ...(entity === undefined ? {} : { entity: parseEntity(entity, schemas()) }),
  }
}

export function isSelected(
  { pattern, actor, entity }: EventSelection,
  event: { readonly type: string; readonly target: string; readonly actor: string },
): boolean {
  return (
    (pattern === undefined || matchesEventPattern(pattern, event)) &&
    (actor === undefined || event.actor === actor) &&
    (entity === undefined || event.target === entity)
  )
}

function parseActor(actor: string): string {
  if (actor.length > 0 && actor.length <= actorCharactersMax) return actor
  const message = `actor expects 1 to ${actorCharactersMax} characters, got ${actor.length}`
  throw new ObjectError({ code: 'invalid_parameter', field: 'actor', message })
}

function parseEntity(id: string, schemas: readonly NounSchema[]): string {
  if (schemas.some((schema) => isEntityIdOf(schema, id))) return id
  const message = `entity expects an entity's id, got ${JSON.stringify(id.slice(0, 64))}`
  throw new ObjectError({ code: 'invalid_parameter', field: 'entity', message })
}
