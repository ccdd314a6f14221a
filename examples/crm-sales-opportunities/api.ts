// The few calls of the public HTTP interface that this example makes.

export interface Entity {
  readonly $id: string
  readonly $version: number
  readonly [field: string]: unknown
}

export interface Page {
  readonly results: readonly Entity[]
  readonly total: number | null
  readonly hasMore: boolean
  readonly cursor: string | null
}

/** What the server said no to. */
export class Refusal extends Error {
  readonly status: number
  readonly problem: {
    readonly code?: string
    readonly field?: string
    readonly detail?: string
    readonly existingId?: string
  }

  constructor(status: number, problem: Refusal['problem']) {
    super(problem.detail ?? `status ${status}`)
    this.status = status
    this.problem = problem
  }
}

/** Times out and overloads are tried again: every write carries a key, so a repetition changes nothing. */
const attemptsMax = 5

export class Api {
  readonly #tenantUrl: string

  constructor(tenantUrl: string) {
    this.#tenantUrl = tenantUrl.replace(/\/$/, '')
  }

  /** `isReplay`: an earlier request with this key made it. */
  async create(
    noun: string,
    fields: object,
    key: string,
  ): Promise<{ readonly entity: Entity; readonly isReplay: boolean }> {
    const answer = await this.#send('POST', `/${noun}`, { fields, key })
    return { entity: (await answer.json()) as Entity, isReplay: answer.headers.get('idempotent-replay') === 'true' }
  }

  update(noun: string, id: string, fields: object): Promise<Entity> {
    return this.#call('PATCH', `/${noun}/${id}`, { fields }) as Promise<Entity>
  }

  perform(noun: string, id: string, verb: string, fields: object = {}): Promise<Entity> {
    return this.#call('POST', `/${noun}/${id}/${verb}`, { fields, key: `${id} ${verb}` }) as Promise<Entity>
  }

  get(noun: string, id: string): Promise<Entity> {
    return this.#call('GET', `/${noun}/${id}?strong=true`) as Promise<Entity>
  }

  find(noun: string, parameters: Readonly<Record<string, string>>): Promise<Page> {
    return this.#call(
      'GET',
      `/${noun}?${new URLSearchParams({ ...parameters, strong: 'true' }).toString()}`,
    ) as Promise<Page>
  }

  /** All entities of a Noun, page by page. */
  async *all(noun: string, parameters: Readonly<Record<string, string>> = {}): AsyncGenerator<Entity> {
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: Page = await this.find(noun, { ...parameters, limit: '100', ...(cursor === '' ? {} : { cursor }) })
      yield* page.results
      cursor = page.hasMore ? page.cursor : null
    }
  }

  async #call(
    method: string,
    path: string,
    write?: { readonly fields: object; readonly key?: string },
  ): Promise<unknown> {
    return (await this.#send(method, path, write)).json()
  }

  async #send(
    method: string,
    path: string,
    write?: { readonly fields: object; readonly key?: string },
  ): Promise<Response> {
    for (let attempt = 1; ; attempt++) {
      const answer = await this.#fetch(method, path, write)
      if (answer.ok) return answer
      const problem = (await answer.json()) as Refusal['problem']
      if (answer.status < 500 || attempt === attemptsMax) throw new Refusal(answer.status, problem)
      await new Promise((resolve) => setTimeout(resolve, 200 * 2 ** attempt))
    }
  }

  #fetch(method: string, path: string, write?: { readonly fields: object; readonly key?: string }): Promise<Response> {
    if (write === undefined) return fetch(this.#tenantUrl + path, { method })
    const headers = {
      'content-type': 'application/json',
      ...(write.key === undefined ? {} : { 'idempotency-key': write.key }),
    }
    return fetch(this.#tenantUrl + path, { method, headers, body: JSON.stringify(write.fields) })
  }
}
