// What both sides had when they last agreed, by entity. It is derived from their changes, and without it two different values of a
// field are a conflict, so it is kept outside of the log.

import type { ObjectParts } from '@dotdo/service'
import { isPlainObject, tryParseJson } from 'digital-objects'
import type { Values } from './object-fields.ts'

const prefix = 'stripe/agreed/'

export class Agreements {
  readonly #values: ObjectParts['values']

  constructor(values: ObjectParts['values']) {
    this.#values = values
  }

  of(entity: string): Values | undefined {
    const stored = tryParseJson(this.#values()?.get(prefix + entity)?.value ?? '')
    return isPlainObject(stored) ? (stored as Values) : undefined // `put` wrote it
  }

  put(entity: string, values: Values): void {
    this.#values()?.put({ key: prefix + entity, value: JSON.stringify(values) })
  }

  forgetAll(): void {
    this.#values()?.deleteAll(prefix)
  }
}
