// Fields that built-in Nouns gained after a tenant had defined a member of the same name. The tenant's member keeps the name, so
// that its data and its applications go on; a field on which rules of the Noun rely never gives way.

import type { NounDefinition } from '../noun/definition.ts'

/** Whether no other part of the definition mentions the optional field. */
export function isUnusedByRules(definition: NounDefinition, name: string): boolean {
  const text = definition.fields[name]
  if (typeof text !== 'string' || /[!=]|##/.test(text)) return false
  const fields = Object.entries(definition.fields).filter(([other]) => other !== name)
  const rules = JSON.stringify({ ...definition, fields, descriptions: undefined })
  return !new RegExp(String.raw`\b${name}\b`).test(rules)
}
