// Short ways to write what verbs do, for the definitions in this folder.

import type { EffectValue } from '../verb-effect.ts'
import type { Scalar } from '../schema.ts'

export const literal = (value: Scalar): EffectValue => ({ kind: 'literal', value })
export const argument = (name: string): EffectValue => ({ kind: 'argument', name })
export const fieldValue = (name: string): EffectValue => ({ kind: 'field', name })
export const add = (amount: number): EffectValue => ({ kind: 'add', amount })
export const next = (...values: string[]): EffectValue => ({ kind: 'next', values })
export const first = (...of: EffectValue[]): EffectValue => ({ kind: 'first', of })
export const ifEmpty = (value: EffectValue): EffectValue => ({ kind: 'ifEmpty', value })
export const clear: EffectValue = { kind: 'clear' }

/** The moment of the event, unless the caller gave one: an import brings its own. */
export const stamped = (name: string): EffectValue => first(argument(name), { kind: 'now' })
export const dated = (name: string): EffectValue => first(argument(name), { kind: 'today' })

/** The documented states that a verb starts from; only a hard guard refuses others. */
export const from = (field: string, ...values: string[]): { field: string; values: readonly string[]; hard: boolean } => ({ field, values, hard: false })
export const onlyFrom = (field: string, ...values: string[]): { field: string; values: readonly string[]; hard: boolean } => ({ field, values, hard: true })
