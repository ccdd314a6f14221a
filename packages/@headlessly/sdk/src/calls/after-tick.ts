// The end of a tick: after everything that runs without waiting for I/O, so that calls of concurrent functions are
// batched.

import { isWorkers } from '../base/is-workers.ts'

export function afterTick(work: () => void): void {
  // In a Worker, calls of another request could come in between and would depend on this request staying alive.
  if (isWorkers()) queueMicrotask(work)
  else if (typeof setImmediate === 'function') setImmediate(work)
  else postToSelf(work)
}

/** Browsers delay timers, to once a second in hidden pages. */
function postToSelf(work: () => void): void {
  const { port1, port2 } = new MessageChannel()
  port1.addEventListener('message', () => {
    port1.close()
    work()
  })
  port1.start()
  port2.postMessage(null)
}

// Available in Node, Deno and Bun.
declare const setImmediate: ((work: () => void) => void) | undefined
