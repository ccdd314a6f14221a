// The run in which code is executing. Runs of one stored function share an isolate, so what the globals `console`, `Date`
// and `fetch` do depends on the run that calls them.

import { AsyncLocalStorage } from 'node:async_hooks'
import type { ConsoleLines } from './console-lines.ts'
import { fetchOutside, type Outside } from './outside-fetch.ts'

export interface RunContext {
  readonly lines: ConsoleLines
  /** The time at which `Date` stands still; undefined if it goes by the server's clock. */
  readonly nowMs: number | undefined
  readonly outside: Outside
  /** Takes what the run has to wait for. */
  readonly track: <Result>(work: Promise<Result>) => Promise<Result>
}

const current = new AsyncLocalStorage<RunContext>()
/** Stack frames to keep, since the developer's line may be far below those of the client. */
const framesMax = 50

let isPrepared = false

export function inRun<Result>(context: RunContext, run: () => Result): Result {
  prepareGlobals()
  return current.run(context, run)
}

function prepareGlobals(): void {
  if (isPrepared) return
  isPrepared = true
  for (const name of ['log', 'info', 'warn', 'error', 'debug'] as const)
    console[name] = (...given: readonly unknown[]): void => current.getStore()?.lines.add(given)
  Object.assign(Error, { stackTraceLimit: framesMax })
  // Programs built by esbuild wrap functions in this helper, which keeps their names.
  Object.assign(globalThis, { __name: (named: unknown) => named, Date: dateOfRun(), fetch: fetchOfRun })
}

function fetchOfRun(input: RequestInfo, init?: RequestInit): Promise<Response> {
  const run = current.getStore()
  if (run === undefined) return Promise.reject(new TypeError('the run has ended'))
  return run.track(fetchOutside(run.outside, input, init))
}

/** Makes `Date` stand still, so that code that becomes one commit sees one time, as its commit has one. */
function dateOfRun(): DateConstructor {
  const Real = Date
  const now = (): number => current.getStore()?.nowMs ?? Real.now()
  return new Proxy(Real, {
    // A class that extends `Date` constructs itself.
    construct: (_, given: readonly unknown[], target) =>
      Reflect.construct(Real, given.length === 0 ? [now()] : given, target) as object,
    apply: () => new Real(now()).toString(),
    get: (_, name): unknown => (name === 'now' ? now : Reflect.get(Real, name)),
  })
}
