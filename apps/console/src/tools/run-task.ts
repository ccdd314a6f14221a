// The task of a run, and the colours of its states.

import type { Entity } from '../data/entity.ts'
import { shown } from '../ui/shown.ts'
import type { Tone } from '../ui/value.tsx'

export const runTones: Readonly<Record<string, Tone>> = { Succeeded: 'good', Failed: 'bad', Running: 'open' }

/** The task in the words of whoever gave it. */
export function taskOf({ input, eventType, verb }: Entity): string {
  if (typeof input === 'object' && input !== null)
    for (const name of ['task', 'question', 'message'])
      if (typeof Reflect.get(input, name) === 'string') return shown(Reflect.get(input, name))
  return [verb, eventType, input].flatMap((part) => (part === undefined ? [] : [shown(part)])).join(' ')
}
