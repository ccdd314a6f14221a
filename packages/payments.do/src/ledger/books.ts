// The tenant's books, as its handlers and jobs see them.

import type { ObjectParts } from '@dotdo/service'
import type { EntityFields } from 'digital-objects'

export interface OpenBooks {
  readonly id: string
  /** Milliseconds since 1970; undefined while no period is closed. */
  readonly closedThroughMs: number | undefined
}

/** Finds the ledger of the tenant, and keeps it until it changes. */
export class Books {
  readonly #parts: Pick<ObjectParts, 'earliest' | 'read' | 'stampOf'>
  #found: { readonly stamp: string; readonly books: OpenBooks | undefined } | undefined

  constructor(parts: Pick<ObjectParts, 'earliest' | 'read' | 'stampOf'>) {
    this.#parts = parts
  }

  /** Returns undefined for a tenant without books. */
  open(): OpenBooks | undefined {
    const stamp = this.#parts.stampOf('Ledger')
    if (this.#found === undefined || this.#found.stamp !== stamp || stamp === '')
      this.#found = { stamp, books: this.#find() }
    return this.#found.books
  }

  #find(): OpenBooks | undefined {
    const [first] = this.#parts.earliest('Ledger', { field: 'openedAt', limit: 1 })
    if (first === undefined) return undefined
    return { id: first.id, closedThroughMs: closedThroughMsOf(this.#parts.read(first.id)) }
  }
}

export function closedThroughMsOf(ledger: EntityFields | undefined): number | undefined {
  const closedThrough = ledger?.['closedThrough']
  return typeof closedThrough === 'string' ? Date.parse(closedThrough) : undefined
}
