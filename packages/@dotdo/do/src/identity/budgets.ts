// The use of principals with a budget today (UTC). It is counted in the transaction of each change, so changes at the same
// time cannot pass a limit together, and a change that is rolled back counts nothing.

import { ObjectError } from 'digital-objects'
import type { ExpiringValues } from './expiring-values.ts'

export const budgetKinds = ['writes', 'tokens', 'cost'] as const
export type BudgetKind = (typeof budgetKinds)[number]
export type Amounts = Readonly<Partial<Record<BudgetKind, number>>>

export interface Budget {
  /** The principal whose use counts. */
  readonly of: string
  /** The limits of a day; a kind without one has none. */
  readonly limits: Amounts
  /** The entities that one call may change, without the effects of its changes; any number without it. */
  readonly changesPerCall?: number
}

const dayMs = 86_400_000
/** The use of a day is kept a little longer, since the tenant's time and the server's may differ. */
const keptMs = 3 * dayMs

export class Budgets {
  readonly #values: ExpiringValues
  readonly #now: () => number

  constructor(options: { readonly values: ExpiringValues; readonly now: () => number }) {
    this.#values = options.values
    this.#now = options.now
  }

  /** Throws an ObjectError `budget_exceeded` if a limit of these kinds is reached. `nowMs` is the tenant's time. */
  require({ of, limits }: Budget, nowMs: number, kinds: readonly BudgetKind[] = budgetKinds): void {
    const used = this.#used(keyOf(of, nowMs))
    const kind = kinds.find((one) => (used[one] ?? 0) >= (limits[one] ?? Number.POSITIVE_INFINITY))
    if (kind !== undefined) throw exceeded({ of, kind, limit: limits[kind] ?? 0, used: used[kind] ?? 0, nowMs })
  }

  /** Call it in the transaction of the change. */
  spend({ of, amounts }: { readonly of: string; readonly amounts: Amounts }, nowMs: number): void {
    const key = keyOf(of, nowMs)
    const used = this.#used(key)
    const next = Object.fromEntries(budgetKinds.map((kind) => [kind, (used[kind] ?? 0) + (amounts[kind] ?? 0)]))
    this.#values.put({ key, value: JSON.stringify(next), endsMs: this.#now() + keptMs })
  }

  #used(key: string): Amounts {
    const found = this.#values.get(key)
    return found === undefined ? {} : (JSON.parse(found.value) as Amounts) // written by `spend`
  }
}

function keyOf(of: string, nowMs: number): string {
  return `budget:${of}:${Math.floor(nowMs / dayMs)}`
}

function exceeded({
  of,
  kind,
  limit,
  used,
  nowMs,
}: {
  readonly of: string
  readonly kind: BudgetKind
  readonly limit: number
  readonly used: number
  readonly nowMs: number
}): ObjectError {
  const resetsMs = (Math.floor(nowMs / dayMs) + 1) * dayMs
  const resetsAt = new Date(resetsMs).toISOString()
  const unit = { writes: `${limit} writes`, tokens: `${limit} tokens`, cost: `a cost of ${limit}` }[kind]
  return new ObjectError({
    code: 'budget_exceeded',
    field: kind,
    message: `${of} has a budget of ${unit} a day and has used ${used}; the next day begins at ${resetsAt}`,
    detail: { budget: kind, limit, used, resetsAt, retryAfterSeconds: Math.ceil((resetsMs - nowMs) / 1_000) },
  })
}
