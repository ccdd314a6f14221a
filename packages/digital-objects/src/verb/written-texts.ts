// The texts that a change writes: fields of free text whose values are new.

import { isSameJson } from '../base/canonical-json.ts'
import type { EntityFields } from '../base/entity.ts'
import { holdsAll } from '../noun/condition.ts'
import type { NounSchema, Verb } from '../noun/schema.ts'

const textTypes = ['string', 'text', 'json', 'url', 'email']

export interface WrittenFields {
  readonly before: EntityFields | undefined
  readonly after: EntityFields
}

export function writtenTexts({ fields }: NounSchema, { before, after }: WrittenFields): readonly string[] {
  return Object.keys(after).filter((name) => {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined
    const isText = field?.kind === 'data' && textTypes.includes(field.type)
    return isText && !isSameJson(before?.[name] ?? null, after[name] ?? null)
  })
}

/** Returns where the texts of a verb come from, if they are those of strangers. */
export function strangersOrigin({ effect }: Verb, fields: EntityFields): string | undefined {
  const { strangers } = effect
  return strangers !== undefined && holdsAll(strangers.when, { fields, input: {} }) ? strangers.origin : undefined
}
