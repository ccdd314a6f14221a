// The steps of a pipeline as the program gave them, and their wire format.

import type { JsonValue, PipelineStep } from 'digital-objects'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import { parseCallback, type PipelineFunction } from './parse-callback.ts'

/** `given` is passed to the callback beside the item. */
export type PendingStep =
  | {
      readonly step: 'map' | 'flatMap' | 'filter' | 'find' | 'some' | 'every'
      readonly callback: PipelineFunction
      readonly given?: unknown
    }
  | {
      readonly step: 'reduce'
      readonly callback: PipelineFunction
      readonly initial: unknown
      readonly given?: unknown
    }
  | { readonly step: 'sort'; readonly callback?: PipelineFunction; readonly given?: unknown }
  | { readonly step: 'slice'; readonly start: number; readonly end?: number }
  | { readonly step: 'member'; readonly name: string }

/**
 * Throws a HeadlesslyError `unsupported_expression` if the server cannot run one of the steps. The message names
 * `what`: `Contact.find`.
 */
export function stepsToWire(pending: readonly PendingStep[], what: string): readonly PipelineStep[] {
  return pending.map((step) => {
    const wire = stepToWire(step)
    if (typeof wire !== 'string') return wire
    const message = `${what}: ${wire}. Code that a pipeline cannot take runs next to the data with $.do`
    throw new HeadlesslyError({ code: 'unsupported_expression', field: step.step, message })
  })
}

/** Returns an explanation if the server cannot run the step. */
function stepToWire(step: PendingStep): PipelineStep | string {
  if (step.step === 'member' || step.step === 'slice') return step
  const { given, callback } = step
  if (given !== undefined && !isJson(given)) return `the value given to ${step.step} beside its callback is not JSON`
  const shared = given === undefined ? {} : { given }
  if (callback === undefined) return { step: 'sort' }
  const parsed = parseCallback(callback, { step: step.step, isGiven: given !== undefined })
  if (!parsed.ok) return parsed.reason
  if (step.step !== 'reduce') return { step: step.step, callback: parsed.callback, ...shared }
  if (!isJson(step.initial)) return 'the initial value of reduce is not JSON'
  return { step: 'reduce', callback: parsed.callback, initial: step.initial, ...shared }
}

const depthMax = 32

/** Whether JSON preserves the value completely. */
function isJson(value: unknown, depth = 0): value is JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0)
  if (typeof value !== 'object' || depth > depthMax) return false
  if (Array.isArray(value)) return value.every((item) => isJson(item, depth + 1))
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return false
  return Object.values(value).every((item) => isJson(item, depth + 1))
}
