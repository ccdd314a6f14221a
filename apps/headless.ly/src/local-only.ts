// Whoever reaches this server may do everything, since there is no authentication yet. So it answers only to names of
// this machine, which a foreign name pointed here (DNS rebinding) is not, and takes nothing from foreign pages.

import { ObjectError } from 'digital-objects'

/** Throws an ObjectError `forbidden`. `allowed`: further host names, separated by commas. */
export function checkLocal(request: { readonly host: string; readonly origin: string | null }, allowed = ''): void {
  if (!isLocal(request.host, allowed)) {
    throw new ObjectError({
      code: 'forbidden',
      field: 'Host',
      message: `this server answers on localhost only, not as '${request.host.slice(0, 100)}'`,
    })
  }
  if (request.origin !== null && !isLocal(hostOf(request.origin), allowed)) {
    throw new ObjectError({
      code: 'forbidden',
      field: 'Origin',
      message: `pages of '${request.origin.slice(0, 100)}' may not use this server`,
    })
  }
}

function isLocal(host: string, allowed: string): boolean {
  const name = host.toLowerCase().replace(/:\d+$/, '')
  return (
    name === 'localhost' ||
    name.endsWith('.localhost') ||
    name === '127.0.0.1' ||
    name === '[::1]' ||
    allowed.split(',').includes(name)
  )
}

function hostOf(origin: string): string {
  return origin.replace(/^[a-z]+:\/\//i, '')
}
