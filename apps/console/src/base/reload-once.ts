// After an upgrade of the server the files of an open page are gone: the page loads itself again, once.

const key = 'headlessly.reloaded'
/** A page that fails again so soon would reload for ever. */
const pauseMs = 60_000

export function reloadOnce(): void {
  globalThis.addEventListener('unhandledrejection', ({ reason }) => {
    if (isMissingChunk(reason)) reload()
  })
}

export function isMissingChunk(reason: unknown): boolean {
  return reason instanceof TypeError && /dynamically imported module|module script failed/i.test(reason.message)
}

function reload(): void {
  const last = Number(sessionStorage.getItem(key) ?? 0)
  if (Date.now() - last < pauseMs) return
  sessionStorage.setItem(key, String(Date.now()))
  location.reload()
}
