// The value of a metric from the groups of its aggregate. Amounts are in major units of the tenant's currency; those in other
// currencies stand beside it.

import { type CompiledMetric, currencyExponent, type Groups, toAggregateResults } from 'digital-objects'

export interface MetricValue {
  /** Null if there is none, such as the mean of nothing. */
  readonly value: number | null
  /** Amounts in other currencies. */
  readonly byCurrency?: Readonly<Record<string, number>>
}

export const noValue: MetricValue = { value: null }

export function metricValue({ definition, aggregate }: CompiledMetric, groups: Groups, base: string): MetricValue {
  const { as, isMinor = false } = definition
  const isAdditive = as === 'count' || as === 'sum'
  const values = new Map<string, number>()
  for (const { by, count, ...measured } of toAggregateResults({ ...aggregate, limit: Infinity }, groups.all).results) {
    const result = as === 'count' ? count : measured[as]?.['value']
    if (typeof result !== 'number') continue
    const currency = String(by['currency'] ?? base).toUpperCase()
    const value = isMinor ? toMajor(result, currency) : result
    values.set(currency, tidy(isAdditive ? (values.get(currency) ?? 0) + value : value))
  }
  const own = values.get(base.toUpperCase())
  values.delete(base.toUpperCase())
  const others = values.size === 0 ? {} : { byCurrency: Object.fromEntries(values) }
  return { value: own ?? (isAdditive || as === 'distinct' ? 0 : null), ...others }
}

/** Removes the errors of binary fractions. */
export function tidy(value: number): number {
  return Number.isSafeInteger(value) ? value : Number(value.toPrecision(15))
}

export function toMajor(amount: number, currency: string): number {
  return amount / 10 ** (currencyExponent(currency) ?? 2)
}

/** An amount without a currency is in that of the tenant. */
export function isInCurrency(currency: string, own: unknown): boolean {
  return String(own ?? currency).toUpperCase() === currency
}
