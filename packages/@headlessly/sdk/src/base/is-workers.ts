// Whether this is a Cloudflare Worker, where a request must not wait for another request, which may have ended.

export function isWorkers(): boolean {
  const { navigator } = globalThis as { readonly navigator?: { readonly userAgent?: string } }
  return navigator?.userAgent === 'Cloudflare-Workers'
}
