// `$.on(pattern, fn)` and `$.every(schedule, fn)`: store a function that runs after events, or at times.

import type { EventLike } from '../types/event-types.ts'
import type { NounKey } from '../types/noun-of.ts'
import type { Registered, RegisterOptions } from '../calls/register-function.ts'
import { registerWhenUsed } from '../calls/register-when-used.ts'
import type { Session } from '../calls/session.ts'

/** Times by a word, in UTC. */
const words = {
  minute: '* * * * *',
  hour: '0 * * * *',
  day: '0 0 * * *',
  week: '0 0 * * mon',
  month: '0 0 1 * *',
} as const

export type Every = keyof typeof words | (string & {})

/** `Keys` are the client's Nouns. */
export interface Triggers<Keys extends NounKey, Patterns extends string, Self> {
  /**
   * Stores a function that runs after each event of the pattern, whoever causes it, also when this program has ended. It
   * travels as its source, so it uses nothing from outside but its parameters.
   */
  readonly on: <const Pattern extends Patterns>(
    pattern: Pattern,
    code: (event: EventLike<Keys, Pattern>, $: Self, info: { readonly now: string }) => unknown,
    options?: RegisterOptions,
  ) => Promise<Registered>
  /** The same at times: `hour`, `day`, `week`, `month`, or cron of five fields such as `0 9 * * mon`, in UTC. */
  readonly every: (
    schedule: Every,
    code: ($: Self, info: { readonly scheduledAt: string; readonly now: string }) => unknown,
    options?: RegisterOptions,
  ) => Promise<Registered>
}

export function makeTriggers<Keys extends NounKey, Patterns extends string, Self>(
  session: () => Session,
): Triggers<Keys, Patterns, Self> {
  return {
    on: (on, code, options) => registerWhenUsed(session, { what: '$.on', code, on }, options),
    every: (every, code, options) => {
      const schedule = Object.hasOwn(words, every) ? words[every as keyof typeof words] : every
      return registerWhenUsed(session, { what: '$.every', code, schedule }, options)
    },
  }
}
