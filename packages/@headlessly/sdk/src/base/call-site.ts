// The caller's line of a call. A refusal arrives later, when the caller is no longer on the stack, and one message holds
// calls from many lines. So each call remembers where it was made, and its error shows that place.

import { HeadlesslyError } from './headlessly-error.ts'

/** Frames of this package, when it is installed as a package of its own. */
const ownFrame = /\/@headlessly\/sdk\/(?:src|dist)\//

/** More than the default of 10, of which this package would take the most. */
const framesMax = 24

export interface CallSite {
  readonly stack?: string
}

/** The members of `Error` that V8 adds. */
interface Engine {
  stackTraceLimit: number | undefined
  captureStackTrace(site: object, above: () => CallSite): void
}

/** Costs about a microsecond: the engine formats the stack when it is read. */
export function callSite(): CallSite {
  const site = {}
  const engine: Partial<Engine> & Pick<ErrorConstructor, 'prototype'> = Error
  // Some browsers lack it.
  if (engine.captureStackTrace === undefined) return site
  const { stackTraceLimit } = engine
  engine.stackTraceLimit = framesMax
  engine.captureStackTrace(site, callSite)
  engine.stackTraceLimit = stackTraceLimit
  return site
}

/** Returns an equal error for one call, whose stack is that of the caller. Other errors stay as they are. */
export function errorAt(error: unknown, { stack }: CallSite): unknown {
  if (!(error instanceof HeadlesslyError) || stack === undefined) return error
  const frames = stack.split('\n').slice(1)
  const callers = frames.filter((frame) => !ownFrame.test(frame))
  const shown = callers.some((frame) => !frame.includes('node:internal')) ? callers : frames
  return error.withStack([`${error.name}: ${error.message}`, ...shown].join('\n'))
}
