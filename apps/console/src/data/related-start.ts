// The fields with which a record begins that refers to another: the reference, and what both refer to.

import { type Entity, idOf } from './entity.ts'

interface Field {
  readonly name: string
  readonly kind: string
  readonly many: boolean
  readonly to?: readonly string[]
}

export interface RelatedStart {
  /** Fields of the type that begins. */
  readonly fields: readonly Field[]
  /** The field of those that refers to the entity. */
  readonly by: string
  readonly entity: Entity
  /** Fields of the type of the entity. */
  readonly ofEntity: readonly Field[]
}

/** A deal of a contact is also of the organization of the contact. */
export function startOfRelated({ fields, by, entity, ofEntity }: RelatedStart): Readonly<Record<string, string>> {
  const shared = fields.flatMap((field): readonly (readonly [string, string])[] => {
    const same = ofEntity.find(({ name }) => name === field.name)
    const value = entity[field.name]
    if (same === undefined || value === undefined || value === null) return []
    return isOne(field) && isOne(same) && field.to?.join() === same.to?.join() ? [[field.name, idOf(value)]] : []
  })
  return { ...Object.fromEntries(shared), [by]: entity.$id }
}

function isOne({ kind, many }: Field): boolean {
  return kind === 'reference' && !many
}
