// Names of Stripe's types of objects: in the paths of their lists, and as the beginnings of ids.

export const lists: Readonly<Record<string, string>> = {
  customers: 'customer',
  products: 'product',
  prices: 'price',
  coupons: 'coupon',
  tax_rates: 'tax_rate',
  subscriptions: 'subscription',
  invoices: 'invoice',
  payment_intents: 'payment_intent',
  refunds: 'refund',
  disputes: 'dispute',
  events: 'event',
}

export const prefixes: Readonly<Record<string, string>> = {
  customer: 'cus',
  product: 'prod',
  price: 'price',
  coupon: 'coupon',
  tax_rate: 'txr',
  subscription: 'sub',
  invoice: 'in',
  payment_intent: 'pi',
  refund: 're',
  dispute: 'du',
  event: 'evt',
}
