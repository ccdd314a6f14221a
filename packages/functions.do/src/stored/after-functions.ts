// Stored functions after an event: each runs from the outbox as a program of its own, whose writes are one commit under the
// key of function and event. So it runs at least once for an event, and its writes are made once.

import type { AfterHandler, ChangingAfter, ObjectParts, ServiceAnswer } from '@dotdo/service'
import { type JsonValue, type ObjectEvent, ObjectError } from 'digital-objects'
import type { RetryTurns } from '../run/retry-turns.ts'
import { runProgram } from '../run/run-program.ts'
import type { FunctionRunner } from './function-runner.ts'
import type { StoredFunction, StoredFunctions } from './stored-functions.ts'

/** Functions that lead to each other's events stop at this depth. */
export const depthMax = 10
/** A run mostly waits for commits to be on disk, which it shares with others that go on at the same time. */
const runningMax = 6
/** Events of its own making that may wait for a function. */
const cascadeWaitingMax = 1_000

export interface AfterParts {
  readonly parts: ObjectParts
  readonly functions: StoredFunctions
  readonly runner: FunctionRunner
  readonly turns: RetryTurns
}

export function afterFunctions(of: AfterParts): ChangingAfter {
  const { parts, functions } = of
  return {
    prefix: handlerPrefix,
    handling: (event) => functions.after(event).map(({ id }) => id),
    find: (id) => {
      if (parts.read(id) === undefined) return forgetting
      const stored = functions.find(id)
      return stored === undefined ? disabled : handlerOf(of, stored)
    },
  }
}

export const handlerPrefix = 'functions.do/function:'

/** Runs the events that were parked for a function, once somebody asks for it or enables the function again. */
export function replayFunctions(parts: ObjectParts): AfterHandler {
  return {
    id: 'functions.do/replay',
    handles: ({ type }) => type === 'Function.Replayed' || type === 'Function.Enabled',
    run: ({ target }) => Promise.resolve(parts.replay(handlerPrefix + target)),
  }
}

/** A function that was removed owes nothing. */
const forgetting = { run: () => Promise.resolve() }

/** Its events are parked, and run once it is enabled again. */
const disabled: Pick<AfterHandler, 'run' | 'retry'> = {
  run: () => Promise.reject(new Error('the function is disabled')),
  retry: { firstMs: 0, factor: 1, maxMs: 0, attemptsMax: 1 },
}

function handlerOf(of: AfterParts, stored: StoredFunction): Pick<AfterHandler, 'run' | 'runningMax'> {
  return {
    runningMax,
    run: async (event) => {
      const depth = of.parts.causesOf(event.commit, depthMax)
      if (depth >= depthMax) throw new Error(tooDeep)
      if (depth > 1 && of.parts.waiting(handlerPrefix + stored.id) > cascadeWaitingMax)
        return of.runner.disable(stored, `it has led to more than ${cascadeWaitingMax} events that it runs for itself`)
      const answer = await runAfter(of, stored, event)
      if (!answer.ok) throw new Error(described(stored, answer))
    },
  }
}

const tooDeep = `functions lead to each other's events for at most ${depthMax} levels`

async function runAfter(
  { parts, runner, turns }: AfterParts,
  stored: StoredFunction,
  event: ObjectEvent,
): Promise<ServiceAnswer> {
  const { trigger } = stored
  const isOfVerb = trigger.kind === 'after' && trigger.isOfVerb
  // An event is JSON.
  const first = (isOfVerb ? event.data : event) as unknown as JsonValue
  const now = new Date(parts.nowMs()).toISOString()
  const info = { now, ...(isOfVerb ? { event: event as unknown as JsonValue } : {}) }
  const by = { who: stored.id, via: 'hook', causedBy: event.id } as const
  const key = `function ${event.id}`
  const job = await runner.jobOf(stored, { given: [first, info], nowMs: parts.nowMs(), inputKey: event.id })
  return runProgram(
    { sandbox: runner.sandboxFor(stored, { cause: event.id, actor: event.actor }), turns },
    {
      job,
      request: { openProgram: () => parts.openProgram(by), describeError: () => ({ status: 500 }) },
      isDryRun: false,
      key: { key, request: key },
    },
  )
}

function described({ name }: StoredFunction, { error }: Extract<ServiceAnswer, { ok: false }>): string {
  const line = error.detail?.['line']
  const at = typeof line === 'number' ? ` (line ${line})` : ''
  return `the function '${name}' failed: ${new ObjectError(error).message}${at}`
}
