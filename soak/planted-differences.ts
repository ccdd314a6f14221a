// Differences between both sides, planted at the stand-in for Stripe without any event, of each kind that a comparison has to find.

import type { FakeStripe } from '../packages/payments.do/test/fake-stripe.ts'

type Json = Record<string, unknown>

const changed =
  (field: string, change: (object: Json) => Json) =>
  (fake: FakeStripe, object: Json): string => {
    fake.plant(String(object['object']), { id: object['id'], ...change(object) })
    return field
  }

const lost = (fake: FakeStripe, { id }: Json): string => {
  fake.lose(String(id))
  return '(all)'
}

const more =
  (name: string) =>
  (object: Json): Json => ({ [name]: Number(object[name]) + 1 })

function item(object: Json): Json {
  const { data } = object['items'] as { readonly data: readonly [Json] }
  return data[0]
}

const withItem = (object: Json, change: Json): Json => ({
  items: { object: 'list', data: [{ ...item(object), ...change }], has_more: false },
})

const transitions = (object: Json, change: Json): Json => ({
  status_transitions: { ...(object['status_transitions'] as Json), ...change },
})

type Plant = (fake: FakeStripe, object: Json) => string

const plants: Readonly<Record<string, readonly Plant[]>> = {
  subscription: [
    changed('quantity', (object) => withItem(object, { quantity: Number(item(object)['quantity']) + 1 })),
    changed('amount', (object) => withItem(object, { price: { ...(item(object)['price'] as Json), unit_amount: 1 } })),
    changed('status', () => ({ status: 'unpaid' })),
    lost,
  ],
  invoice: [
    changed('amount', more('total')),
    changed('status', (object) => ({ status: 'void', ...transitions(object, { voided_at: object['created'] }) })),
    changed('currency', () => ({ currency: 'eur' })),
    lost,
  ],
  payment_intent: [changed('amount', more('amount')), changed('currency', () => ({ currency: 'eur' })), lost],
  refund: [changed('amount', more('amount')), lost],
}

/** Returns what a comparison has to find: type, id and field. */
export function plantDifferences(fake: FakeStripe, count: number, random: () => number): readonly string[] {
  const planted: string[] = []
  const used = new Set<unknown>()
  const names = Object.keys(plants)
  for (let made = 0; made < count - 1; made++) {
    const type = names[made % names.length] ?? ''
    const kinds = plants[type] ?? []
    const plant = kinds[Math.floor(made / names.length) % kinds.length]
    const candidates = fake.all(type).filter((object) => !used.has(object['id']) && isCompared(object))
    const object = candidates[Math.floor(random() * candidates.length)]
    if (object === undefined || plant === undefined) throw new Error(`there are too few objects of the type ${type}`)
    used.add(object['id'])
    planted.push(`${type} ${String(object['id'])} ${plant(fake, object)}`)
  }
  const only = fake.plant('invoice', { ...fake.all('invoice').at(-1), id: 'in_only' })
  return [...planted, `invoice ${String(only['id'])} (all)`]
}

/** A payment that has not succeeded and a subscription that has ended have less to compare. */
function isCompared({ object, status }: Json): boolean {
  if (object === 'payment_intent' || object === 'refund') return status === 'succeeded'
  return object === 'invoice' ? status === 'paid' : status === 'active'
}
