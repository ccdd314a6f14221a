// The work that an aggregate does for one entity, as a multiple of the work without references: each path across references is a
// look-up of its own.

import type { Aggregate } from './aggregate.ts'
import { pathsOfExpression } from './value-expression.ts'

export function rowWorkOf({ by, measures }: Pick<Aggregate, 'by' | 'measures'>): number {
  const values = [...by, ...measures.flatMap(({ value }) => pathsOfExpression(value))]
  return (
    1 + values.flatMap(({ paths }) => paths.map(({ steps }) => steps.length)).reduce((sum, steps) => sum + steps, 0)
  )
}
