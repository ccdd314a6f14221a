// Whoever reaches this server may do everything, since there is no authentication yet. So it answers only to names of
// this machine, which a foreign name pointed here (DNS rebinding) is not, and takes nothing from foreign pages.

import { ObjectError } from 'digital-objects'
import { parseTarget, type Target } from './target.ts'

/** What a request's URL asks for. Throws an ObjectError `forbidden` where it came by a foreign name. */
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

/** For writes and live events, which a foreign page could use without reading the answer. */
export function checkLocalOrigin(origin: string | null, allowed = ''): void {
  if (origin === null || isLocalOrigin(origin, allowed)) return
  throw new ObjectError({
    code: 'forbidden',
    field: 'Origin',
    message: `pages of '${origin.slice(0, 100)}' may not use this server`,
  })
}

/** Whether pages of this origin are this machine's, or of a host that is allowed. */
export function isLocalOrigin(origin: string, allowed = ''): boolean {
  return isLocal(origin.replace(/^[a-z]+:\/\//i, ''), allowed)
}

function isLocal(host: string, allowed: string): boolean {
  const name = host.toLowerCase().replace(/:\d+$/, '')
  return (
    name === 'localhost' ||
    name.endsWith('.localhost') ||
    name === '127.0.0.1' ||
    name === '[::1]' ||
    // `file://` has no name, and neither has a list that is empty.
    (name !== '' && allowed.split(',').includes(name))
  )
}
