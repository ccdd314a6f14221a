// Tickets for WebSockets. A browser cannot send a header with one, and a key in a URL would lie in logs, so a key is exchanged
// for a ticket, which opens one socket within half a minute.

import { type Authority, parseParameters, sha256Hex } from 'digital-objects'
import { type Caller, unauthorized } from 'objects.do'
import { callerOf, type RequestOfCaller } from '../base/caller-of.ts'
import type { Env } from '../base/env.ts'
import { requestRoomOf } from '../base/request-room.ts'
import type { Handler } from '../base/visit.ts'
import { tenantsOf } from '../tenants/tenant-directory.ts'
import { KeyAuthorities } from './key-authorities.ts'

const parameter = 'ticket'
const pattern = /^hly_ticket_[0-9A-Za-z]{43}$/

/** `POST /~acme/ticket` with a key, a token or a session. */
export const ticketRoute: Handler = async ({ caller, env, inWork }) => {
  const { through } = caller.authority
  const { tenant } = caller
  const text = through === undefined ? '' : await inWork(() => tenantsOf(env).issueTicket(tenant, through.id))
  if (text === '') throw unauthorized()
  return new Response(text, { headers: { 'content-type': 'application/json', 'cache-control': 'no-store' } })
}

/** The ticket with which a WebSocket is opened. */
export class SocketTicket {
  readonly #ticket: string
  /** The id of the key for which the ticket stands, once it was taken. */
  #key: Promise<string> | undefined

  /** Returns undefined for a request without a ticket, or that opens no WebSocket. */
  static of(request: Request, search: string): SocketTicket | undefined {
    if (request.headers.get('upgrade')?.toLowerCase() !== 'websocket') return undefined
    const ticket = parseParameters(search)[parameter]
    return ticket === undefined ? undefined : new SocketTicket(ticket)
  }

  private constructor(ticket: string) {
    this.#ticket = ticket
  }

  /** Returns the caller, with the rights that its key has now. Throws an ObjectError `unauthorized`. */
  async caller(request: RequestOfCaller): Promise<Caller> {
    const caller = callerOf(request)
    const { env } = request
    const { tenant } = caller
    const taken = this.#key ?? this.#take(tenant, env)
    this.#key = taken
    const authority: Authority = await authoritiesOf(env).require({ tenant, key: await taken })
    return { ...caller, authority }
  }

  async #take(tenant: string, env: Env): Promise<string> {
    if (!pattern.test(this.#ticket)) return ''
    return requestRoomOf(env).run(tenant, () => tenantsOf(env).takeTicket(tenant, sha256Hex(this.#ticket)))
  }
}

/** The query without the ticket, which is no parameter of what the socket is for. */
export function withoutTicket(search: string): string {
  const others = search
    .replace(/^\?/, '')
    .split('&')
    .filter((one) => one !== '' && !one.startsWith(`${parameter}=`))
  return others.length === 0 ? '' : `?${others.join('&')}`
}

/** By environment of an isolate. */
const known = new WeakMap<Env, KeyAuthorities>()

function authoritiesOf(env: Env): KeyAuthorities {
  const kept = known.get(env)
  if (kept !== undefined) return kept
  const made = new KeyAuthorities({
    ask: ({ tenant, key }) =>
      requestRoomOf(env).run(tenant, () => tenantsOf(env).authenticate(tenant, key, { isKeyId: true })),
    now: Date.now,
  })
  known.set(env, made)
  return made
}
