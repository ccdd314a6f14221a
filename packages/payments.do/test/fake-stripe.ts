// A stateful function of requests that behaves like Stripe in all that is used of it: idempotency keys, pages, events, errors, bills.

import { parseForm, plainValues } from './fake-form.ts'
import { lists, prefixes } from './fake-names.ts'
import { FakeObjects, type Json } from './fake-objects.ts'

export interface FakeRequest {
  readonly method: string
  /** `/v1/customers?limit=10` */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface FakeAnswer {
  readonly status: number
  readonly body: string
  readonly isReplay: boolean
}

export interface Refusal {
  readonly status: number
  readonly error: Json
}

const hasActive = ['product', 'price', 'tax_rate']
/** Statuses of refusals before any work. */
const beforeWork = [400, 401, 403, 404, 409, 429]
const monthSeconds = 30 * 86_400

export class FakeStripe {
  readonly key: string
  account = 'acct_fake'
  /** In seconds. */
  now = 1_790_000_000
  /** Every request that changed something, in order; a repetition of one is none. */
  readonly performed: { readonly path: string; readonly parameters: Json }[] = []
  /** Refuses the next request whose path matches. */
  refuseNext: { readonly path: RegExp; readonly refusal: Refusal } | undefined
  /** Refuses each request that would change something and for which it returns a refusal. */
  refuse: (path: string) => Refusal | undefined = () => undefined
  /** The form in which objects are shown: other versions of the API have other members. */
  shape: (object: Json) => Json = (object) => object
  /** Lists that a version of the API does not have. */
  readonly lacks: string[] = []
  readonly #objects = new FakeObjects()
  readonly #paidBy = new Map<string, Json>()
  readonly #keys = new Map<string, { readonly request: string; readonly status: number; readonly body: string }>()
  #made = 0

  /** Members that a new object of a type has besides. */
  readonly #templates: Readonly<Record<string, Json>>

  constructor(key: string, templates: Readonly<Record<string, Json>> = {}) {
    this.key = key
    this.#templates = templates
  }

  answer({ method, path, headers, body }: FakeRequest): FakeAnswer {
    if (headers['authorization'] !== `Bearer ${this.key}`)
      return fresh({ status: 401, error: { type: 'invalid_request_error', message: 'Invalid API Key provided' } })
    const key = headers['idempotency-key']
    const request = `${method} ${path} ${body}`
    const known = key === undefined || method === 'GET' ? undefined : this.#keys.get(key)
    if (known !== undefined) {
      if (known.request === request) return { ...known, isReplay: true }
      const message =
        'Keys for idempotent requests can only be used with the same parameters they were first used with.'
      return fresh({ status: 400, error: { type: 'idempotency_error', message } })
    }
    const answer = this.#perform(method, path, body)
    // Stripe keeps the answer once the work has begun, also a refusal, but not that of a faulty request.
    if (key !== undefined && method !== 'GET' && !beforeWork.includes(answer.status))
      this.#keys.set(key, { request, ...answer })
    return answer
  }

  /** Makes or changes an object as somebody at Stripe does, with its event. */
  put(object: string, fields: Json): Json {
    const id = typeof fields['id'] === 'string' ? fields['id'] : this.#newId(object)
    const before = this.#objects.get(id)
    this.now++
    const template = before ?? this.#templates[object] ?? {}
    const made = { livemode: false, metadata: {}, ...template, object, created: this.now, ...before, ...fields, id }
    this.#objects.set(made)
    this.#note(`${object}.${before === undefined ? 'created' : 'updated'}`, made)
    return made
  }

  /** Changes an object without an event, or makes one, as a fault would. */
  plant(object: string, fields: Json): Json {
    const id = typeof fields['id'] === 'string' ? fields['id'] : this.#newId(object)
    const made = { object, created: this.now, livemode: false, metadata: {}, ...this.#objects.get(id), ...fields, id }
    this.#objects.set(made)
    return made
  }

  /** Forgets an object without an event. */
  lose(id: string): void {
    this.#objects.delete(id)
  }

  /** Takes the events since the last call. */
  takeEvents(): readonly Json[] {
    return this.#objects.takeAll('event')
  }

  remove(id: string): void {
    const object = this.#objects.get(id)
    if (object === undefined) return
    this.#objects.set({ id, object: object['object'], deleted: true })
    this.#note(`${String(object['object'])}.deleted`, object)
  }

  get(id: string): Json {
    const object = this.#objects.get(id)
    if (object === undefined) throw new Error(`there is no ${id}`)
    return object
  }

  all(object: string): readonly Json[] {
    return this.#objects.all(object)
  }

  /** A monthly subscription whose first invoice is paid. */
  subscribe({
    customer,
    price,
    quantity = 1,
  }: {
    readonly customer: string
    readonly price: string
    readonly quantity?: number
  }): Json {
    const amount = Number(this.get(price)['unit_amount']) * quantity
    const start = this.now + 1
    const item = {
      id: this.#newId('subscription_item'),
      object: 'subscription_item',
      price: this.get(price),
      quantity,
      current_period_start: start,
      current_period_end: start + monthSeconds,
    }
    const subscription = this.put('subscription', {
      customer,
      status: 'active',
      currency: 'usd',
      start_date: start,
      billing_cycle_anchor: start,
      cancel_at_period_end: false,
      collection_method: 'charge_automatically',
      items: { object: 'list', data: [item], has_more: false },
    })
    const invoice = this.invoice({
      customer,
      subscription: String(subscription['id']),
      lines: [{ amount, description: 'Pro' }],
    })
    this.pay(String(invoice['id']))
    return subscription
  }

  /** An open invoice. */
  invoice(of: { readonly customer: string; readonly subscription?: string; readonly lines: readonly Json[] }): Json {
    const total = of.lines.reduce((sum, { amount }) => sum + Number(amount), 0)
    const at = this.now + 1
    return this.put('invoice', {
      customer: of.customer,
      ...(of.subscription === undefined
        ? {}
        : { parent: { type: 'subscription_details', subscription_details: { subscription: of.subscription } } }),
      number: `S-${this.#made}`,
      status: 'open',
      currency: 'usd',
      subtotal: total,
      total,
      amount_due: total,
      amount_paid: 0,
      period_start: at,
      period_end: at,
      status_transitions: { finalized_at: at },
      invoice_pdf: 'https://pay.stripe.test/invoice.pdf',
      hosted_invoice_url: 'https://pay.stripe.test/invoice',
      lines: {
        object: 'list',
        data: of.lines.map((line, index) => ({ id: `il_${at}_${index}`, object: 'line_item', ...line })),
        has_more: false,
      },
      payments: { object: 'list', data: [], has_more: false },
    })
  }

  pay(id: string): Json {
    const { customer, total } = this.get(id)
    const payment = this.put('payment_intent', {
      customer,
      amount: total,
      amount_received: total,
      currency: 'usd',
      status: 'succeeded',
      payment_method_types: ['card'],
    })
    const paid = {
      id: this.#newId('invoice_payment'),
      object: 'invoice_payment',
      status: 'paid',
      invoice: id,
      payment: { type: 'payment_intent', payment_intent: payment['id'] },
    }
    this.#paidBy.set(String(payment['id']), paid)
    const transitions = { ...(this.get(id)['status_transitions'] as Json), paid_at: this.now + 1 }
    return this.put('invoice', {
      id,
      status: 'paid',
      amount_paid: total,
      status_transitions: transitions,
      payments: { object: 'list', data: [paid], has_more: false },
    })
  }

  refund(payment: string, amount: number, fields: Json = {}): Json {
    return this.put('refund', { payment_intent: payment, amount, currency: 'usd', status: 'succeeded', ...fields })
  }

  #perform(method: string, path: string, body: string): FakeAnswer {
    const url = new URL(path, 'https://stripe.test')
    const [, , list = '', id, action] = url.pathname.split('/')
    const refuse = this.refuseNext
    if (refuse?.path.test(path) === true && method !== 'GET') {
      this.refuseNext = undefined
      return fresh(refuse.refusal)
    }
    const refusal = method === 'GET' ? undefined : this.refuse(url.pathname)
    if (refusal !== undefined) return fresh(refusal)
    if (list === 'account') return ok({ id: this.account, object: 'account' })
    if (this.lacks.includes(list)) return fresh(missing(path))
    if (list === 'invoice_payments') return ok(this.#invoicePayments(url.searchParams))
    if (list === 'payment_records' && id === 'report_payment') return this.#report(url.pathname, parseForm(body))
    const object = lists[list]
    if (object === undefined && list !== 'checkout' && list !== 'billing_portal') return fresh(missing(path))
    if (method === 'GET')
      return id === undefined ? ok(this.#list(object ?? '', url.searchParams)) : this.#one(decodeURIComponent(id))
    const parameters = parseForm(body)
    this.performed.push({ path: `${method} ${url.pathname}`, parameters })
    if (list === 'checkout' || list === 'billing_portal')
      return ok({ id: this.#newId('session'), object: `${list}.session`, url: 'https://pay.stripe.test/session' })
    if (id === undefined) return this.#create(object ?? '', parameters)
    if (!this.#objects.has(id)) return fresh(missing(path))
    if (method === 'DELETE' && object === 'subscription')
      return ok(this.put(object, { id, status: 'canceled', canceled_at: this.now, ended_at: this.now }))
    if (method === 'DELETE') {
      this.remove(id)
      return this.#one(id)
    }
    return this.#change({ object: object ?? '', id, action, parameters })
  }

  #create(object: string, parameters: Json): FakeAnswer {
    if (object === 'refund') return this.#createRefund(parameters)
    if (object !== 'subscription')
      return ok(
        this.put(object, { ...(hasActive.includes(object) ? { active: true } : {}), ...plainValues(parameters) }),
      )
    const items = parameters['items'] as Json | undefined
    const item = items?.['0'] as Json | undefined
    const price = String(item?.['price'])
    const customer = String(parameters['customer'])
    if (!this.#objects.has(price) || !this.#objects.has(customer)) return fresh(missing(`${price} or ${customer}`))
    const subscription = this.subscribe({ customer, price, quantity: Number(item?.['quantity'] ?? 1) })
    return ok(this.put('subscription', { id: subscription['id'], metadata: parameters['metadata'] ?? {} }))
  }

  #createRefund(parameters: Json): FakeAnswer {
    const payment = String(parameters['payment_intent'])
    const of = this.#objects.get(payment)
    if (of === undefined) return fresh(missing(payment))
    const amount = Number(parameters['amount'])
    const refunded = this.all('refund')
      .filter((one) => one['payment_intent'] === payment && one['status'] === 'succeeded')
      .reduce((sum, one) => sum + Number(one['amount']), 0)
    if (refunded + amount > Number(of['amount_received']))
      return fresh({
        status: 400,
        error: {
          type: 'invalid_request_error',
          code: 'charge_already_refunded',
          message: 'the refund is larger than what is left of the payment',
        },
      })
    return ok(this.refund(payment, amount, { metadata: parameters['metadata'] ?? {} }))
  }

  #change({
    object,
    id,
    action,
    parameters,
  }: {
    readonly object: string
    readonly id: string
    readonly action: string | undefined
    readonly parameters: Json
  }): FakeAnswer {
    const transitions = this.get(id)['status_transitions'] as Json | undefined
    if (action === 'void')
      return ok(this.put(object, { id, status: 'void', status_transitions: { ...transitions, voided_at: this.now } }))
    if (action === 'mark_uncollectible')
      return ok(
        this.put(object, {
          id,
          status: 'uncollectible',
          status_transitions: { ...transitions, marked_uncollectible_at: this.now },
        }),
      )
    if (action === 'attach_payment') return this.#attach(id, String(parameters['payment_record']))
    if (action === 'pay')
      return ok(this.put(object, { id, status: 'paid', status_transitions: { ...transitions, paid_at: this.now } }))
    return ok(this.put(object, { id, ...plainValues(parameters) }))
  }

  /** A payment by other means, which pays a part of an invoice once it is attached. */
  #report(path: string, parameters: Json): FakeAnswer {
    this.performed.push({ path: `POST ${path}`, parameters })
    return ok(this.put('payment_record', { amount: (parameters['amount_requested'] as Json)['value'] }))
  }

  #attach(id: string, record: string): FakeAnswer {
    const { amount_paid: paid, total, status_transitions: transitions } = this.get(id)
    const amount_paid = Number(paid) + Number(this.get(record)['amount'])
    const isPaid = amount_paid >= Number(total)
    const paidNow = { status: 'paid', status_transitions: { ...(transitions as Json), paid_at: this.now } }
    return ok(this.put('invoice', { id, amount_paid, ...(isPaid ? paidNow : {}) }))
  }

  #one(id: string): FakeAnswer {
    const object = this.#objects.get(id)
    return object === undefined || object['object'] === 'event' ? fresh(missing(id)) : ok(this.shape(object))
  }

  #list(object: string, search: URLSearchParams): Json {
    const page = this.#objects.page(object, {
      since: Number(search.get('created[gte]') ?? 0),
      until: Number(search.get('created[lte]') ?? Infinity),
      after: search.get('starting_after'),
      limit: Number(search.get('limit') ?? 10),
    })
    return { object: 'list', url: `/v1/${object}s`, ...page, data: page.data.map((one) => this.shape(one)) }
  }

  #invoicePayments(search: URLSearchParams): Json {
    const payment = search.get('payment[payment_intent]')
    const found = this.#paidBy.get(payment ?? '')
    const data = found === undefined ? [] : [found]
    return { object: 'list', data, has_more: false }
  }

  #note(type: string, object: Json): void {
    const id = this.#newId('event')
    this.#objects.set({
      id,
      object: 'event',
      type,
      created: this.now,
      api_version: '2026-10-28.endive',
      data: { object: structuredClone(object) },
    })
  }

  #newId(object: string): string {
    this.#made++
    return `${prefixes[object] ?? object}_${String(this.#made).padStart(6, '0')}`
  }
}

function ok(body: Json): FakeAnswer {
  return { status: 200, body: JSON.stringify(body), isReplay: false }
}

function fresh({ status, error }: Refusal): FakeAnswer {
  return { status, body: JSON.stringify({ error }), isReplay: false }
}

function missing(what: string): Refusal {
  return {
    status: 404,
    error: { type: 'invalid_request_error', code: 'resource_missing', message: `No such object: '${what}'` },
  }
}
