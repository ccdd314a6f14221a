// The end of a tick: after all that runs without waiting for the outside world, so that calls of parallel functions come
// together.

import { isWorkers } from '../base/is-workers.ts'

export function afterTick(work: () => void): void {
  // There the calls of another request may come in between, and would depend on this one's staying alive.
  if (isWorkers()) queueMicrotask(work)
  else if (typeof setImmediate === 'function') setImmediate(work)
  else postToSelf(work)
}

/** A browser has timers run late, and those of a page that is not seen once a second. */
function postToSelf(work: () => void): void {
  const { port1, port2 } = new MessageChannel()
  port1.addEventListener('message', () => {
    port1.close()
    work()
  })
  port1.start()
  port2.postMessage(null)
}

// Node, Deno and Bun have it.
declare const setImmediate: ((work: () => void) => void) | undefined
