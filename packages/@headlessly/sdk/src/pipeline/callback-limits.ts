// The server's limits of a callback, checked here so that a larger one is refused before anything is sent.

import { type Callback, expressionDepthMax, expressionNodesMax } from 'digital-objects'
import { Refusal } from './source-tokens.ts'

/** Parameters of a method's callback. JavaScript would pass more; the server does not. */
export const callbackParametersMax: Numbers = {
  every: 1,
  filter: 1,
  find: 1,
  flatMap: 1,
  map: 1,
  reduce: 2,
  some: 1,
  sort: 2,
  toSorted: 2,
}

/** Other arguments of a method; 1 unless listed. */
const argumentsMax: Numbers = {
  concat: expressionNodesMax,
  endsWith: 2,
  includes: 2,
  indexOf: 2,
  'Math.max': expressionNodesMax,
  'Math.min': expressionNodesMax,
  reduce: 2,
  slice: 2,
  split: 2,
  startsWith: 2,
  toLowerCase: 0,
  toUpperCase: 0,
  trim: 0,
}

type Numbers = Readonly<Partial<Record<string, number>>>

/** The server's limit for names. */
const nameCharactersMax = 256

/** Refuses names that are never fields at the server, so that the expression cannot mean something else there. */
export function checkName(name: string): string {
  if (!(name in Object.prototype) && name !== 'prototype' && name.length <= nameCharactersMax) return name
  throw new Refusal(`\`${name.slice(0, 64)}\` cannot be the name of a field`)
}

export function checkArguments(name: string, given: readonly unknown[], min: number): void {
  if (given.length >= min && given.length <= (argumentsMax[name] ?? 1)) return
  throw new Refusal(`\`${name}()\` cannot be called with ${given.length} arguments`)
}

export const tooLarge = `a callback has at most ${expressionNodesMax} values and operators, ${expressionDepthMax} inside each other`

export function checkSize(callback: Callback): void {
  let nodes = 0
  const open: [value: unknown, depth: number][] = [[callback, 0]]
  for (const [value, depth] of open) {
    if (typeof value !== 'object' || value === null) continue
    const isNode = 'kind' in value || 'field' in value
    if (isNode && (++nodes > expressionNodesMax || depth > expressionDepthMax)) throw new Refusal(tooLarge)
    for (const inner of Object.values(value)) open.push([inner, isNode ? depth + 1 : depth])
  }
}
