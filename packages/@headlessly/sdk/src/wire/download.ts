// A file of the tenant, read while it arrives.

import { authorization, baseOf, toNetworkError, unexpected } from './http.ts'
import { bookmarkHeader, problemToError } from './problem-to-error.ts'
import type { Settings } from './settings.ts'
import type { DownloadCall } from './transport.ts'

/** The time limit is that of the answer's beginning: a file takes as long as it takes. */
export async function* download(settings: Settings, call: DownloadCall): AsyncGenerator<Uint8Array> {
  const { path, bookmark, signal } = call
  const connection = new AbortController()
  const stop = (): void => connection.abort()
  signal?.addEventListener('abort', stop, { once: true })
  if (signal?.aborted === true) stop()
  let isLate = false
  const beginning = setTimeout(() => {
    isLate = true
    stop()
  }, settings.timeoutMs)
  try {
    const response = await settings.fetch(`${baseOf(settings)}/${path}`, {
      redirect: 'manual',
      signal: connection.signal,
      headers: { ...authorization(settings), ...(bookmark === undefined ? {} : { [bookmarkHeader]: bookmark }) },
    })
    if (!response.ok) throw problemToError(response, await response.text())
    clearTimeout(beginning)
    if (response.body === null) throw unexpected(response, 'a file')
    const reader = response.body.getReader()
    for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value
  } catch (error) {
    if (signal?.aborted === true) throw signal.reason
    throw toNetworkError(error, { settings, why: isLate ? 'did not answer in time' : undefined })
  } finally {
    clearTimeout(beginning)
    signal?.removeEventListener('abort', stop)
    stop()
  }
}
