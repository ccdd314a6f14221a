// Steps of a pipeline that the server cannot compute: they run here, on what it has loaded for them, with the result that
// they would have there.

import { unreachable } from 'digital-objects'
import { HeadlesslyError } from '../headlessly-error.ts'
import { linkRow, type Linking, unlink } from './linked-row.ts'
import { namesIn } from './names-in.ts'
import type { PipelineFunction } from './parse-callback.ts'
import type { Loaded } from './parse-loaded.ts'
import type { PendingStep } from './pending-step.ts'

/** `loaded` is what came of the names in these steps. What a callback throws is thrown. */
export function computeHere(loaded: Loaded, steps: readonly PendingStep[]): unknown {
  const linking: Linking = { relations: loaded.relations, names: new Set(namesIn(steps)), relationsRead: new Set() }
  let result: unknown =
    'items' in loaded ? loaded.items.map((item) => linkRow(item, linking)) : linkRow(loaded.item, linking)
  for (const step of steps) result = takeStep(result, step, linking)
  return unlink(result)
}

function takeStep(value: unknown, step: PendingStep, { relationsRead }: Linking): unknown {
  if (step.step === 'member') return memberOf(value, step.name)
  if (!Array.isArray(value)) throw refusal(step.step, `expects a list, got ${value === null ? 'null' : typeof value}`)
  const items: readonly unknown[] = value
  switch (step.step) {
    case 'slice':
      return items.slice(step.start, step.end)
    case 'sort':
      return sorted(items, step)
    case 'reduce':
      return items.reduce((sum, item) => call(step, [sum, item]), step.initial)
    case 'map':
      // What a relation gives goes on as its entities, not as lists of them; where it was read before, it is a list.
      return items.flatMap((item) => {
        relationsRead.clear()
        const made = call(step, [item])
        return relationsRead.has(made) ? made : [made]
      })
    case 'flatMap':
      return items.flatMap((item) => call(step, [item]))
    case 'filter':
      return items.filter((item) => call(step, [item]))
    case 'find':
      return items.find((item) => call(step, [item]))
    case 'some':
      return items.some((item) => call(step, [item]))
    case 'every':
      return items.every((item) => call(step, [item]))
    default:
      return unreachable(step)
  }
}

function memberOf(value: unknown, name: string): unknown {
  if (value === undefined || value === null) throw refusal(name, `is read of ${value}`)
  const of = Object(value) as Readonly<Record<string, unknown>>
  return Object.hasOwn(of, name) ? of[name] : undefined
}

function sorted(items: readonly unknown[], step: Extract<PendingStep, { step: 'sort' }>): readonly unknown[] {
  const { callback, given } = step
  if (callback !== undefined) {
    return items.toSorted((left, right) => Number(call({ step: 'sort', callback, given }, [left, right])))
  }
  if (items.some((item) => typeof item === 'object' && item !== null)) {
    throw refusal(
      'sort',
      'compares texts and numbers; what else there is needs a callback: (a, b) => a.value - b.value',
    )
  }
  // oxlint-disable-next-line typescript/require-array-sort-compare
  return items.toSorted()
}

interface Called {
  readonly step: string
  readonly callback: PipelineFunction
  readonly given?: unknown
}

function call({ step, callback, given }: Called, items: readonly unknown[]): unknown {
  const result: unknown = Reflect.apply(callback, undefined, [...items, given])
  // A promise is true, and no number.
  if (typeof result === 'object' && result !== null && typeof Reflect.get(result, 'then') === 'function') {
    throw refusal(step, 'has a callback that gives a promise; what it waits for is awaited before, and handed over')
  }
  return result
}

function refusal(field: string, what: string): HeadlesslyError {
  return new HeadlesslyError({ code: 'unsupported_expression', field, message: `${field} ${what}` })
}
