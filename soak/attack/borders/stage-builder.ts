// Makes what a stage consists of, with all rights, and gives names to ids and keys.

import { type Came, type RawRequest, sendRaw } from './raw-request.ts'

/** The address of the programs that sign in by OAuth. */
export const redirectUri = 'http://127.0.0.1:4321/callback'

export class StageBuilder {
  readonly names = new Map<string, string>()
  readonly #url: string
  readonly #cookie: string | undefined

  constructor(url: string, cookie: string | undefined) {
    this.#url = url
    this.#cookie = cookie
  }

  owner(request: RawRequest): Promise<Came> {
    const proof = this.#cookie === undefined ? {} : { cookie: this.#cookie, origin: this.#url }
    return sendRaw(this.#url, { ...request, headers: { ...request.headers, ...proof } })
  }

  /** Makes an entity and names its id. */
  async make(name: string, path: string, body: object): Promise<Readonly<Record<string, unknown>>> {
    const made = await this.owner({ method: 'POST', path, body })
    if (Number(made.status) >= 300) throw new Error(`${path} ${JSON.stringify(body)}: ${made.status} ${made.body}`)
    const entity = JSON.parse(made.body) as Readonly<Record<string, unknown>> // the server answers with an entity
    this.names.set(name, String(entity['$id']))
    return entity
  }

  async do(method: string, path: string, body?: unknown): Promise<Came> {
    const answer = await this.owner({ method, path, body })
    if (Number(answer.status) >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`)
    return answer
  }

  async key(name: string, tenant: string, fields: object = {}): Promise<void> {
    const made = await this.make(`${name}Id`, `${tenant}/ApiKey`, { name, ...fields })
    this.names.set(`${name}Key`, String(made['key']))
  }

  /** Registers a program that signs in by OAuth. */
  async program(name: string, tenant: string): Promise<void> {
    const body = { client_name: name, redirect_uris: [redirectUri], token_endpoint_auth_method: 'none' }
    const { client_id: id } = JSON.parse((await this.do('POST', `${tenant}/oauth/register`, body)).body) as {
      readonly client_id: string
    } // as documented
    this.names.set(name, id)
  }

  id(name: string): string {
    const id = this.names.get(name)
    if (id === undefined) throw new Error(`nothing is named ${name}`)
    return id
  }
}
