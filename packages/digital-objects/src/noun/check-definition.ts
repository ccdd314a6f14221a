// Checks the rules of a definition against its fields and verbs.

import { checkDescriptions } from './check-descriptions.ts'
import { checkEffects, checkFills } from './check-effects.ts'
import { checkRole } from './check-role.ts'
import { checkSchedules } from './check-schedules.ts'
import type { NounDefinition } from './definition.ts'
import { makeSchema } from './make-schema.ts'
import { amountRulesOf } from './parse-amount-rules.ts'
import { checkDeletionRules } from './parse-deletion-rule.ts'
import { checkPathIndexes } from './path-index.ts'
import type { NounSchema } from './schema.ts'
import { checkStateTable } from './state-table.ts'

/** Makes the schema of a definition and checks its rules. Throws like both. */
export function checkedSchema(name: string, definition: NounDefinition): NounSchema {
  const schema = makeSchema(name, definition)
  checkDefinition(schema)
  return schema
}

/** Throws an ObjectError `invalid_definition` that names the rule and says what was expected. */
export function checkDefinition(schema: NounSchema): void {
  checkDescriptions(schema)
  checkPathIndexes(schema)
  checkDeletionRules(schema)
  checkEffects(schema)
  checkStateTable(schema)
  amountRulesOf(schema)
  checkFills(schema)
  checkSchedules(schema)
  checkRole(schema)
}
