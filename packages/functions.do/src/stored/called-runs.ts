// Runs of stored functions that somebody calls by name. The code runs for the request, with its caller's rights; its requests to
// other servers leave from the tenant's object, which alone has the secrets, and so does its log.

import { mayDoEverything, type ServiceCommands, type ServiceRequest } from '@dotdo/service'
import { assert, type JsonValue, ObjectError, sha256Hex } from 'digital-objects'
import type { Sandbox, SandboxOutcome } from '../sandbox/sandbox.ts'
import type { AfterParts } from './after-functions.ts'
import type { LoggedRequest } from './outgoing.ts'

/** A run as the route sees it. */
export interface CalledRun {
  readonly id: string
  readonly version: number
  /** Names the request, so that a run that is repeated sends its requests with the same keys. */
  readonly key: string
  readonly isDryRun: boolean
  /** Placeholders of the secrets, by name. */
  readonly secrets: Readonly<Record<string, string>>
}

interface Sent {
  readonly run: CalledRun
  readonly number: number
  readonly request: string
}

interface Ended {
  readonly run: CalledRun
  readonly startedMs: number
  readonly endedMs: number
  readonly outcome: SandboxOutcome
  readonly requests: readonly LoggedRequest[]
}

/** A sandbox whose runs send their requests by the tenant's object, and which logs them there. */
export function sandboxOfCalled(
  sandbox: Sandbox,
  request: Pick<ServiceRequest, 'command' | 'waitUntil'>,
  run: CalledRun,
): Sandbox {
  return {
    run: async (job, openCalls) => {
      const startedMs = Date.now()
      let [requests, started]: [LoggedRequest[], number] = [[], 0]
      const outside = async (text: string): Promise<string> => {
        const sent: Sent = { run, number: ++started, request: text }
        try {
          // The object wrote it.
          const { answer, logged } = (await request.command('called.send', toJson(sent))) as unknown as Answered
          requests = [...requests, ...logged]
          return answer
        } catch (error) {
          if (error instanceof ObjectError) return failed(error.message)
          throw error
        }
      }
      const outcome = await sandbox.run(job, () => {
        // A run that was cut off starts again with its first request.
        ;[requests, started] = [[], 0]
        return { ...openCalls(), outside }
      })
      const ended: Ended = { run, startedMs, endedMs: Date.now(), outcome, requests }
      // The log decides nothing, so the answer does not wait for it.
      if (!run.isDryRun) request.waitUntil(request.command('called.log', toJson(ended)).then(ignore, ignore))
      return outcome
    },
  }
}

interface Answered {
  readonly answer: string
  readonly logged: readonly LoggedRequest[]
}

/** `partsOf` returns the functions of the tenant's object, once it has started. */
export function calledRunCommands(partsOf: () => AfterParts | undefined): ServiceCommands {
  const parts = (): AfterParts => {
    const of = partsOf()
    assert(of !== undefined, 'the object has started')
    return of
  }
  return {
    'called.send': async (given, by) => {
      const { run, number, request } = given as unknown as Sent // made by `sandboxOfCalled`
      const { functions, runner } = parts()
      const stored = functions.find(run.id)
      if (stored?.version !== run.version)
        throw new ObjectError({ code: 'conflict', message: 'the function was changed or disabled while it ran' })
      if (by.isMisled) return toJson({ answer: failed(misled), logged: [] })
      if (!(await mayDoEverything(by))) return toJson({ answer: failed(limited), logged: [] })
      const key = `${run.id}.${sha256Hex(`${by.who} ${run.key}`).slice(0, 32)}`
      const outgoing = runner.outgoingOf(stored, { ...run, key, started: number - 1 })
      return toJson({ answer: await outgoing.send(request), logged: outgoing.requests })
    },
    'called.log': async (given) => {
      const { run, ...logged } = given as unknown as Ended // made by `sandboxOfCalled`
      const { functions, runner } = parts()
      const stored = functions.find(run.id)
      if (stored !== undefined) runner.log.record(stored, logged)
      return null
    },
  }
}

function ignore(): void {}

const misled =
  'the caller has read texts of strangers, so functions that it calls send no requests: let a person call the function'

/** A caller who may read a function may run it, but its secrets are the tenant's, and what it is given comes from the caller. */
const limited = 'a function that is called by name sends requests only for callers that may do everything'

/** Types of TypeScript that have an optional member are no JsonValue. */
function toJson(value: object): JsonValue {
  return value as unknown as JsonValue
}

/** In the form of `inside/outside-fetch.ts`. */
function failed(message: string): string {
  return JSON.stringify({ ok: false, message })
}
