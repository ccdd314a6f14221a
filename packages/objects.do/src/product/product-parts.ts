// The parts of the tenant that flags, experiments, segments and funnels read, as the caller sees them.

import { type Entity, type EntityFields, type NounRole, type NounSchema, ObjectError, parseId } from 'digital-objects'
import { type Reader, readerAt } from '../entities/reader.ts'
import type { MetricParts } from '../metrics/metric-engine.ts'

export interface ProductParts extends MetricParts {
  readonly context: string
  readonly tenant: string
  readonly asOfMs: number | undefined
}

/** Reads the state of the time that was asked for. */
export function productReader(parts: ProductParts): Reader {
  return readerAt(parts, parts.asOfMs)
}

/** The Nouns that have a role. */
export function nounsWithRole({ schemas }: Pick<ProductParts, 'schemas'>, role: NounRole): readonly NounSchema[] {
  return schemas().filter((schema) => schema.role === role)
}

/** The first Noun that has a role. Throws an ObjectError `not_found` if the caller sees none. */
export function nounWithRole(parts: Pick<ProductParts, 'schemas'>, role: NounRole): NounSchema {
  const [noun] = nounsWithRole(parts, role)
  if (noun !== undefined) return noun
  throw new ObjectError({ code: 'not_found', field: 'role', message: `there is no entity type with the role ${role}` })
}

/** Finds the Noun of an id, if the caller sees it. */
export function nounOfId({ schemas }: Pick<ProductParts, 'schemas'>, id: string): NounSchema | undefined {
  const prefix = parseId(id)?.prefix
  return prefix === undefined ? undefined : schemas().find(({ idPrefix }) => idPrefix === prefix)
}

/** Reads the entity that a reference names, if its Noun has the role. */
export function entityWithRole(
  parts: ProductParts,
  id: unknown,
  role: NounRole,
): { readonly noun: NounSchema; readonly entity: Entity } | undefined {
  const noun = typeof id === 'string' ? nounOfId(parts, id) : undefined
  if (noun?.role !== role) return undefined
  const reader = productReader(parts)
  const version = reader.get(noun, String(id))
  return version === undefined ? undefined : { noun, entity: reader.toEntity(noun, version) }
}

/** The category of the entity's state, such as `running`. */
export function categoryOf({ state, categories }: NounSchema, fields: EntityFields): string | undefined {
  const value = state === undefined ? undefined : fields[state]
  return typeof value === 'string' && Object.hasOwn(categories, value) ? categories[value] : undefined
}
