// The steps of a pipeline as the program gave them, and how many of them the server can do.

import type { JsonValue, PipelineStep } from 'digital-objects'
import { isLoadable } from './is-loadable.ts'
import { namesIn } from './names-in.ts'
import { parseCallback, type PipelineFunction } from './parse-callback.ts'

/** `given` goes to the callback beside the item. */
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

export interface WireSteps {
  /** What the server does, in the end loading what the rest may look at. */
  readonly steps: readonly PipelineStep[]
  /** From the first that only this program can do. */
  readonly rest: readonly PendingStep[]
  /** Why there is a rest. */
  readonly reason: string
}

export function stepsToWire(pending: readonly PendingStep[]): WireSteps {
  const steps: PipelineStep[] = []
  /** As many of them as the server may do where this program goes on. */
  let loadable = 0
  for (const step of pending) {
    const wire = stepToWire(step)
    if (typeof wire === 'string') {
      const rest = pending.slice(loadable)
      return { steps: [...steps.slice(0, loadable), { step: 'load', names: namesIn(rest) }], rest, reason: wire }
    }
    if (loadable === steps.length && keepsLoadable(wire)) loadable += 1
    steps.push(wire)
  }
  return { steps, rest: [], reason: '' }
}

function keepsLoadable(wire: PipelineStep): boolean {
  if (wire.step === 'map' || wire.step === 'flatMap') return isLoadable(wire.callback.body)
  return wire.step !== 'reduce'
}

/** A sentence where the server cannot do it. */
function stepToWire(step: PendingStep): PipelineStep | string {
  if (step.step === 'member' || step.step === 'slice') return step
  const { given, callback } = step
  if (given !== undefined && !isJson(given)) return `what ${step.step} is given beside its callback is not JSON`
  const shared = given === undefined ? {} : { given }
  if (callback === undefined) return { step: 'sort' }
  const parsed = parseCallback(callback, { step: step.step, isGiven: given !== undefined })
  if (!parsed.ok) return parsed.reason
  if (step.step !== 'reduce') return { step: step.step, callback: parsed.callback, ...shared }
  if (!isJson(step.initial)) return 'what reduce begins with is not JSON'
  return { step: 'reduce', callback: parsed.callback, initial: step.initial, ...shared }
}

const depthMax = 32

/** JSON, with nothing that it would change without a word. */
function isJson(value: unknown, depth = 0): value is JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0)
  if (typeof value !== 'object' || depth > depthMax) return false
  if (Array.isArray(value)) return value.every((item) => isJson(item, depth + 1))
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return false
  return Object.entries(value).every(([name, item]) => !isLostOnTheWay(name) && isJson(item, depth + 1))
}

/** capnweb leaves out of an object what would stand for what every object has. */
function isLostOnTheWay(name: string): boolean {
  return name === 'toJSON' || name in Object.prototype
}
