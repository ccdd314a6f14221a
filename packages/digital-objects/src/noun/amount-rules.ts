// The rules of a Noun that compare its fields, as data: sums, bounds, and fields that may not change. They hold for every
// write. A rule applies to a write that changes one of its fields, so what was stored before the rule stays readable.

import type { Term } from './amount-expression.ts'

/** `total = subtotal - discount + tax`. The server computes the field unless the caller gives it. */
export interface SumRule {
  readonly field: string
  readonly terms: readonly Term[]
  /** The sum as the definition writes it. */
  readonly text: string
  /** True if the field holds whole numbers, to which products are rounded. */
  readonly isWhole: boolean
}

export type Comparison = '<' | '<=' | '>' | '>=' | '='

/** `0 < amount <= limit`: each side is compared with the next one. A side without a value compares as right. */
export interface Bound {
  readonly text: string
  readonly sides: readonly (readonly Term[])[]
  /** `comparisons[n]` is between sides n and n + 1. */
  readonly comparisons: readonly Comparison[]
  readonly while?: WhileState
  /** The fields that the bound reads. */
  readonly fields: readonly string[]
}

/** Limits a rule to entities whose field, or that of the entity to which a reference leads, has one of these values. */
export interface WhileState {
  /** `status`, or `invoice.status` in a rule of frozen fields. */
  readonly field: string
  readonly values: readonly string[]
}

/** Fields that only verbs may change by their own effects, and a deletion that is refused. */
export interface FrozenRule {
  readonly fields: readonly string[]
  /** Applies to entities that were so before the change; without it, to all. */
  readonly while?: WhileState
  /** The fields cannot be given at creation either. */
  readonly onCreate: boolean
  /** The entity cannot be deleted. */
  readonly delete: boolean
}

/** `{ pattern: 'INV-{year}-{number:4}', by: 'finalize' }`: the verb gives the field the next number if it has no value. */
export interface NumberRule {
  readonly field: string
  readonly pattern: string
  readonly by: string
}

/** The rules of a Noun. */
export interface AmountRules {
  /** Each sum comes after those that it reads. */
  readonly sums: readonly SumRule[]
  readonly bounds: readonly Bound[]
  /**
   * Bounds that read the entities of a reverse relation: `refundedAmount = refunds[].amount`. Verbs keep them by their effects,
   * which come after the entity in their commit, so they hold after each commit, and verify compares them.
   */
  readonly totals: readonly Bound[]
  /** References to the own Noun by which no entity may come under itself: `acyclic parent`. */
  readonly acyclic: readonly string[]
  readonly frozen: readonly FrozenRule[]
  readonly numbers: readonly NumberRule[]
}
