// On a server that needs no sign-in, everybody who reaches it may do everything. So a server answers only to host names of this
// machine and to those that its operator allows, which excludes foreign names that resolve to it (DNS rebinding), and accepts
// nothing from foreign pages.

import { ObjectError } from 'digital-objects'
import { parseTarget, type Target } from './target.ts'

/** The parts of a request's URL. Throws an ObjectError `forbidden` if its host is a foreign name. */
export function localTarget(url: string, options: { readonly ALLOWED_HOSTS?: string }): Target {
  const target = parseTarget(url)
  checkLocalHost(target.host, options.ALLOWED_HOSTS)
  return target
}

/** `allowed`: further host names, separated by commas. */
function checkLocalHost(host: string, allowed = ''): void {
  if (isLocal(host, allowed)) return
  throw new ObjectError({
    code: 'forbidden',
    field: 'Host',
    message: `this server answers on localhost only, not as '${host.slice(0, 100)}'`,
  })
}

/** For requests that a foreign page could use without reading the answer. Throws an ObjectError `forbidden`. */
export function checkLocalOrigin(origin: string | null, allowed = ''): void {
  if (origin === null || isLocalOrigin(origin, allowed)) return
  throw new ObjectError({
    code: 'forbidden',
    field: 'Origin',
    message: `pages of '${origin.slice(0, 100)}' may not use this server`,
  })
}

/** Whether an origin is on this machine, or on an allowed host. */
export function isLocalOrigin(origin: string, allowed = ''): boolean {
  return isLocal(origin.replace(/^[a-z]+:\/\//i, ''), allowed)
}

/** The host of the last request, since most requests come to the same one. */
let known: { readonly host: string; readonly allowed: string } | undefined

function isLocal(host: string, allowed: string): boolean {
  if (known?.host === host && known.allowed === allowed) return true
  if (!isListed(host, allowed)) return false
  known = { host, allowed }
  return true
}

function isListed(host: string, allowed: string): boolean {
  const name = host.toLowerCase().replace(/:\d+$/, '')
  return (
    name === 'localhost' ||
    name.endsWith('.localhost') ||
    name === '127.0.0.1' ||
    name === '[::1]' ||
    // `file://` has no host, and an empty list splits into one empty name.
    (name !== '' && allowed.split(',').some((one) => one.trim().toLowerCase() === name))
  )
}
