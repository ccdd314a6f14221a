// One network operation with a timeout, which its caller can abort.

import { HeadlesslyError } from '../base/headlessly-error.ts'
import type { Settings } from './settings.ts'

export interface Attempt extends Pick<Settings, 'endpoint' | 'timeoutMs'> {
  readonly signal: AbortSignal | undefined
  /** Called on timeout. */
  readonly onTimeout?: () => void
}

/**
 * Returns the result of `work`. Throws the signal's reason when it is aborted, and a `network_error` on timeout; the
 * signal passed to `work` is aborted in both cases.
 */
export async function withDeadline<Result>(
  { endpoint, timeoutMs, signal, onTimeout }: Attempt,
  work: (signal: AbortSignal) => PromiseLike<Result>,
): Promise<Result> {
  signal?.throwIfAborted()
  const ending = new AbortController()
  const stop = (): void => ending.abort(signal?.reason)
  const timer = setTimeout(() => {
    const message = `${endpoint} did not answer within ${timeoutMs} ms`
    ending.abort(new HeadlesslyError({ code: 'network_error', message }))
    onTimeout?.()
  }, timeoutMs)
  signal?.addEventListener('abort', stop, { once: true })
  const ended = new Promise<never>((_resolve, reject) =>
    ending.signal.addEventListener('abort', () => reject(ending.signal.reason)),
  )
  try {
    return await Promise.race([work(ending.signal), ended])
  } catch (error) {
    // Platforms disagree on how an aborted `fetch` fails.
    throw ending.signal.aborted ? ending.signal.reason : error
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', stop)
  }
}
