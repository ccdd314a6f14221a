// Callers of routes that services open: those who prove themselves by the request itself, such as by a signature, and pages with a
// key of kind `Public`, which a browser cannot send in a header when a page is closed.

import type { ServiceRoute } from '@dotdo/service'
import { nothing, ObjectError } from 'digital-objects'
import type { Caller } from 'objects.do'
import { callerOf, type EstablishCaller, type RequestOfCaller } from '../base/caller-of.ts'
import type { TenantTarget } from '../base/visit.ts'

const keyParameter = 'key'
const publicKey = /^hly_pk_[0-9A-Za-z]{43}$/

/** A caller of nothing. */
const stranger = Object.freeze({ who: 'stranger', nouns: Object.freeze({}), others: nothing })

export function isStranger({ authority }: Caller): boolean {
  return authority === stranger
}

/** The parts of a route that say who may call it. */
export type OpenRoute = Pick<ServiceRoute, 'isOpen' | 'takesPublicKey'>

/** Whether a request to this route proves itself. */
export function isOpen(route: OpenRoute | undefined, { parameters }: Pick<TenantTarget, 'parameters'>): boolean {
  return route?.isOpen?.(parameters) === true
}

/** Whether a request to this route has a public key in its URL, so that it may come from a page of any origin. */
export function hasPublicKey(route: OpenRoute | undefined, { parameters }: Pick<TenantTarget, 'parameters'>): boolean {
  return route?.takesPublicKey === true && parameters[keyParameter] !== undefined
}

/** Throws an ObjectError for a tenant that cannot be. */
export function strangerOf(request: RequestOfCaller): Caller {
  return { ...callerOf(request), authority: stranger }
}

/** Establishes the caller by the key in the URL. Throws or rejects with an ObjectError for any other than a public key. */
export function byPublicKey(
  establishCaller: EstablishCaller,
  request: RequestOfCaller,
  { parameters }: Pick<TenantTarget, 'parameters'>,
): Caller | Promise<Caller> {
  const key = parameters[keyParameter] ?? ''
  if (!publicKey.test(key)) {
    const message = 'expects a key of kind Public in the URL: other keys must not be in a page'
    throw new ObjectError({ code: 'unauthorized', field: keyParameter, message })
  }
  return establishCaller({ ...request, headers: new Headers({ authorization: `Bearer ${key}` }) })
}
