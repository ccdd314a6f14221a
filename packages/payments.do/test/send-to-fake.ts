// The way from a tenant to a server that stands in for Stripe, in the same process. Tests can lose requests and answers on it.

import type { OutsideOutcome, SendOutside } from '@dotdo/service'
import type { FakeStripe } from './fake-stripe.ts'

/** `before` loses the request, `after` its answer, as a dying process or network does. */
export type Loss = 'before' | 'after' | undefined

export function sendToFake(
  fake: FakeStripe,
  loss: (request: { readonly method: string; readonly path: string }) => Loss = () => undefined,
): SendOutside {
  return ({ method, url, headers = {}, body }): Promise<OutsideOutcome> => {
    const { pathname, search } = new URL(url)
    const path = decodeURIComponent(pathname + search)
    const lost = loss({ method, path })
    const failed = { kind: 'failed', reason: 'the connection was lost', isLate: false } as const
    if (lost === 'before') return Promise.resolve(failed)
    const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
    const answer = fake.answer({
      method,
      path: pathname + search,
      headers: lower,
      body: typeof body === 'string' ? body : '',
    })
    if (lost === 'after') return Promise.resolve(failed)
    return Promise.resolve({
      kind: 'answered',
      status: answer.status,
      headers: new Headers({ 'content-type': 'application/json' }),
      body: Uint8Array.from(new TextEncoder().encode(answer.body)),
      isCut: false,
      url,
    })
  }
}
