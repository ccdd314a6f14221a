// The names that callbacks may reach relations by, from their sources: too many rather than too few, since only what was
// loaded is there when they run. What a function that they call names is not seen.

import { expressionNodesMax } from 'digital-objects'
import type { PendingStep } from './pending-step.ts'

/** After a dot, in quotes, or as a field that is taken out: not a variable that is called as a relation is. */
const named = /(?:\.|\*\/|['"`]|[{,](?=\s*[\p{ID_Continue}$]+\s*[,}:=]))\s*([\p{ID_Start}$_][\p{ID_Continue}$]*)/gu

export function namesIn(steps: readonly PendingStep[]): readonly string[] {
  const names = new Set<string>()
  for (const step of steps) {
    if (step.step === 'member') names.add(step.name)
    if (!('callback' in step) || step.callback === undefined) continue
    const source = Function.prototype.toString.call(step.callback)
    for (const [, name = ''] of source.matchAll(named)) names.add(name)
  }
  // More than the server takes: who gets there is told that a relation was not loaded.
  return [...names].slice(0, expressionNodesMax)
}
