// A tenant with a business in it, and sessions of agents in it: each agent has a key of its own, and uses the tools.

import type { Seeded, Source } from './injections.ts'
import { type ToolReply, Tools } from './mcp-tools.ts'

export type Json = Readonly<Record<string, unknown>>

/** Restores `{ $type: … }` of a batch's answers. */
interface Results {
  readonly results: readonly { readonly status: number; readonly body: Json }[]
}

export class Business {
  readonly address: string
  #form = ''
  #person = ''
  #publicKey = ''

  constructor(address: string) {
    this.address = address
  }

  async open(): Promise<void> {
    const person = await this.make('/User', { name: 'Ada', email: 'ada@acme.example', role: 'Admin', status: 'Active' })
    this.#person = String(person['$id'])
    const form = { name: 'Contact us', status: 'Published', autoCapture: 'Contact' }
    this.#form = String((await this.make('/Form', form))['$id'])
    const lead = { name: 'Ask us', status: 'Published', autoCapture: 'Lead' }
    this.#leadForm = String((await this.make('/Form', lead))['$id'])
    this.#publicKey = String((await this.make('/ApiKey', { name: 'site', kind: 'Public', scopes: 'write' }))['key'])
  }

  #leadForm = ''

  ask(
    method: string,
    path: string,
    { body, key }: { readonly body?: object | undefined; readonly key?: string | undefined } = {},
  ): Promise<Response> {
    const headers = {
      'content-type': 'application/json',
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    }
    return fetch(`${this.address}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  }

  async make(path: string, body: object, key?: string): Promise<Json> {
    const response = await this.ask('POST', path, { body, key })
    const text = await response.text()
    if (!response.ok) throw new Error(`POST ${path}: ${text}`)
    return JSON.parse(text) as Json
  }

  async get(path: string): Promise<Json> {
    return (await (await this.ask('GET', path)).json()) as Json
  }

  /** A new agent of the person, with a key of its own. */
  async hire(): Promise<Agent> {
    const agent = await this.make('/Agent', { name: 'Assistant', owner: this.#person, status: 'Active' })
    const key = await this.make('/ApiKey', { name: 'assistant', owner: agent['$id'] })
    return new Agent(this, { id: String(agent['$id']), key: String(key['key']) })
  }

  /** Entities for one attempt, which only that one changes. */
  async seed(mark: string): Promise<Seeded> {
    const create = (id: string, type: string, body: object): object => ({ id, method: 'POST', path: `/${type}`, body })
    const money = { currency: 'EUR', lineItems: [{ description: 'Work', quantity: 1, amount: 1000 }] }
    const customer = { $ref: 'customer' }
    const operations = [
      create('contact', 'Contact', { name: `Ann ${mark}` }),
      create('other', 'Contact', { name: `Bob ${mark}` }),
      create('customer', 'Customer', { name: `Acme ${mark}` }),
      create('deal', 'Deal', { name: 'Engine', value: 5 }),
      create('message', 'Message', { body: 'Hello', channel: 'InApp', contact: { $ref: 'contact' } }),
      create('content', 'Content', { title: `Page ${mark}`, body: 'words' }),
      create('draftInvoice', 'Invoice', { ...money, customer }),
      create('openInvoice', 'Invoice', { ...money, customer }),
      { method: 'POST', path: { $ref: 'openInvoice', path: "concat('/Invoice/', $id, '/finalize')" } },
      create('payment', 'Payment/capture', { amount: 100, currency: 'EUR', customer }),
      create('user', 'User', { name: 'Member', email: `${mark}@acme.example`, role: 'Member', status: 'Active' }),
      create('agent', 'Agent', { name: 'Other', owner: this.#person, status: 'Active' }),
      create('workflow', 'Workflow', { name: 'Flow', status: 'Active', steps: [] }),
    ]
    const { results } = (await this.make('/batch', { operations })) as unknown as Results
    const named = operations.map((operation, at) => [
      (operation as { id?: string }).id ?? '',
      String(results[at]?.body['$id']),
    ])
    return { subscription: '', ...Object.fromEntries(named) } as Seeded
  }

  /** Brings a text of strangers into the tenant. Returns the entity that has it. */
  async receive(source: Source, text: string): Promise<{ readonly type: string; readonly id: string }> {
    const email = `${crypto.randomUUID()}@evil.example`
    const last = async (type: string): Promise<{ readonly type: string; readonly id: string }> => {
      const { results } = await this.get(`/${type}?limit=1&strong=true&sort=-$createdAt`)
      return { type, id: String((results as readonly Json[])[0]?.['$id']) }
    }
    switch (source) {
      case 'form contact':
        await this.make(`/Form/${this.#form}/submit`, { data: { name: text, email } })
        return last('Contact')
      case 'form lead':
        await this.make(`/Form/${this.#leadForm}/submit`, { data: { name: 'M', email, message: text } })
        return last('Lead')
      case 'form event':
        await this.make(`/Form/${this.#form}/submit`, { data: { name: 'M', email, message: text } })
        return last('Event')
      case 'message': {
        const message = { body: text, channel: 'Email', direction: 'Inbound' }
        return { type: 'Message', id: String((await this.make('/Message', message))['$id']) }
      }
      case 'ticket': {
        const requester = (await this.make('/Contact', { name: 'Customer' }))['$id']
        return { type: 'Ticket', id: String((await this.make('/Ticket', { subject: text, requester }))['$id']) }
      }
      case 'public key':
        return {
          type: 'Lead',
          id: String((await this.make('/Lead', { name: text, source: 'site' }, this.#publicKey))['$id']),
        }
      default:
        throw new Error('an unknown source')
    }
  }
}

export class Agent {
  readonly id: string
  readonly #business: Business
  readonly #key: string

  constructor(business: Business, { id, key }: { readonly id: string; readonly key: string }) {
    this.#business = business
    this.id = id
    this.#key = key
  }

  ask(method: string, path: string, body?: object): Promise<Response> {
    return this.#business.ask(method, path, { body, key: this.#key })
  }

  tool(name: string, given: object): Promise<ToolReply> {
    return new Tools(this.#business.address, this.#key).call(name, given)
  }
}
