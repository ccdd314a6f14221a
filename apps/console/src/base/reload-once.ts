// After an upgrade of the server the files of an open page are gone: the page loads itself again, once.

const key = 'headlessly.reloaded'
/** A page that fails again so soon would reload for ever. */
const pauseMs = 60_000

export function reloadOnce(): void {
  globalThis.addEventListener('unhandledrejection', ({ reason }) => {
    if (isMissingChunk(reason)) void reload()
  })
}

export function isMissingChunk(reason: unknown): boolean {
  return reason instanceof TypeError && /dynamically imported module|module script failed/i.test(reason.message)
}

/** A server that does not answer would leave the browser's own error page, so the page stays until it answers. */
export async function reload(): Promise<void> {
  const last = Number(sessionStorage.getItem(key) ?? 0)
  if (Date.now() - last < pauseMs) return
  const { ok } = await fetch(location.href, { cache: 'no-store' }).catch(() => ({ ok: false }))
  if (!ok) return
  sessionStorage.setItem(key, String(Date.now()))
  location.reload()
}
