// A tenant of its own for a test in workerd, asked through the front door with keys.

import { createExecutionContext, env as testEnv } from 'cloudflare:test'
import { type Entity, fullAuthority, type ObjectEvent } from 'digital-objects'
import { makeApp } from '../src/app.ts'
import { callerOf } from '../src/base/caller-of.ts'
import type { Env } from '../src/base/env.ts'
import { services } from '../src/base/services.ts'
import { establishCaller } from '../src/identity/establish-caller.ts'

const env: Env = testEnv
/** Stands for the session of a person that a browser would have. */
const personHeader = 'x-test-person'
/** The person may do less than everything. */
const memberHeader = 'x-test-member'
const nothing = { read: 'none', write: 'none', hidden: [], verbs: [] } as const
const app = makeApp(services, (request) => {
  const person = request.headers.get(personHeader)
  if (person === null) return establishCaller(request)
  const isMember = request.headers.has(memberHeader)
  const rights = isMember ? { ...fullAuthority(person), nouns: { ApiKey: nothing } } : fullAuthority(person)
  const authority = { ...rights, through: { kind: 'session', id: sessionOf(person) } } as const
  return { ...callerOf(request), authority }
})
let tenants = 0
const sessionOf = (person: string): string => `session_${person}`

export interface Made extends Entity {
  readonly key: string
  readonly keyPrefix: string
}

export class KeyedTenant {
  readonly name = `keys-${++tenants}-${Date.now().toString(36)}`

  /** The person whose session requests have; undefined for none. */
  person: string | undefined
  /** Whether that person has a role with less than full authority. */
  isMember = false

  ask(path: string, init: RequestInit & { readonly key?: string } = {}): Promise<Response> {
    return this.askServer(`http://localhost/~${this.name}${path}`, init)
  }

  /** Asks for any URL of the server. */
  async askServer(url: string, { key, ...init }: RequestInit & { readonly key?: string } = {}): Promise<Response> {
    const request = new Request(url, init)
    if (key !== undefined) request.headers.set('authorization', `Bearer ${key}`)
    else if (this.person !== undefined) {
      request.headers.set(personHeader, this.person)
      const session = {
        id: sessionOf(this.person),
        hash: this.person,
        entity: this.person,
        endsMs: Date.now() + 60_000,
      }
      await testEnv.TENANTS.getByName(this.name).openSession(session)
    }
    if (this.isMember) request.headers.set(memberHeader, 'yes')
    return app.fetch(request, env, createExecutionContext())
  }

  post(path: string, body: object, key?: string, headers: Record<string, string> = {}): Promise<Response> {
    const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers } }
    return this.ask(path, { ...init, body: JSON.stringify(body), ...(key === undefined ? {} : { key }) })
  }

  send(method: string, path: string, body: object, key?: string): Promise<Response> {
    const headers = { 'content-type': 'application/json' }
    return this.ask(path, { method, headers, body: JSON.stringify(body), ...(key === undefined ? {} : { key }) })
  }

  /** Opens a WebSocket, and collects what it gets. */
  async listen(path: string, key: string): Promise<{ readonly socket: WebSocket; readonly seen: readonly string[] }> {
    const { webSocket, status } = await this.ask(path, { key, headers: { upgrade: 'websocket' } })
    if (webSocket === null) throw new Error(`no socket: ${status}`)
    const seen: string[] = []
    webSocket.addEventListener('message', ({ data }) => seen.push(String(data)))
    webSocket.addEventListener('close', ({ code }) => seen.push(`closed ${code}`))
    webSocket.accept()
    return { socket: webSocket, seen }
  }

  async make<Result = Made>(path: string, body: object, key?: string): Promise<Result> {
    const response = await this.post(path, body, key)
    if (response.status !== 201) throw new Error(await response.text())
    return response.json<Result>()
  }

  async events(): Promise<readonly ObjectEvent[]> {
    return (await (await this.ask('/events?limit=1000')).json<{ results: readonly ObjectEvent[] }>()).results
  }
}
