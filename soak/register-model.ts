// The sequential model of contacts as versioned registers: reads, writes, and writes on an expected version. Reads of all
// registers require a single order of all operations, not one order per register.

import type { Model } from './linearize.ts'

export interface Register {
  readonly version: number
  readonly score: number
}

export type Input =
  | { readonly kind: 'get'; readonly at: number }
  | { readonly kind: 'list' }
  | { readonly kind: 'set'; readonly at: number; readonly score: number }
  | { readonly kind: 'setIf'; readonly at: number; readonly score: number; readonly version: number }

/** The registers read or written, or `refused` if the expected version was not the current one. */
export type Result = readonly Register[] | 'refused'

export function registerModel(count: number): Model<readonly Register[], Input, Result> {
  return {
    initial: Array.from({ length: count }, () => ({ version: 1, score: 0 })),
    apply: (state, input) => {
      if (input.kind === 'list') return { state, result: state }
      const current = state[input.at] as Register
      if (input.kind === 'get') return { state, result: [current] }
      if (input.kind === 'setIf' && input.version !== current.version) return { state, result: 'refused' }
      const next = { version: current.version + 1, score: input.score }
      return { state: state.with(input.at, next), result: [next] }
    },
    isSame: (expected, seen) => keyOfResult(expected) === keyOfResult(seen),
    key: keyOfResult,
  }
}

function keyOfResult(result: Result): string {
  return result === 'refused' ? result : result.map(({ version, score }) => `${version}:${score}`).join(' ')
}
