// Checks that a Noun has the fields that its role reads.

import { invalidDefinition } from './invalid-definition.ts'
import type { NounRole } from './role.ts'
import type { DataType, NounSchema } from './schema.ts'

/** The fields that each role needs, with their types. `docs/product-analytics.md` says which others a role reads. */
const fieldsOfRole: Readonly<Record<NounRole, Readonly<Record<string, readonly DataType[]>>>> = {
  event: { name: ['string'], timestamp: ['datetime'], userId: ['string'], properties: ['json'] },
  flag: { key: ['string'], rolloutPercentage: ['number', 'integer'] },
  experiment: { variants: ['json'], primaryMetric: ['string'] },
  segment: { criteria: ['json'], members: ['json'] },
  funnel: { steps: ['json'] },
  metric: { name: ['string'], value: ['number', 'integer'] },
  goal: { target: ['number', 'integer'], current: ['number', 'integer'] },
}

/** Throws an ObjectError `invalid_definition`. */
export function checkRole({ name: noun, fields, role }: Pick<NounSchema, 'name' | 'fields' | 'role'>): void {
  if (role === undefined) return
  for (const [name, types] of Object.entries(fieldsOfRole[role])) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined
    if (field?.kind === 'data' && !field.many && types.includes(field.type)) continue
    throw invalidDefinition('role', `${noun}: the role ${role} expects a field '${name}' of type ${types.join(' or ')}`)
  }
}
