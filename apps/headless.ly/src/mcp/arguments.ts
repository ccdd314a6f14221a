// The arguments of a tool. A model often sends a list or a string where the other is meant, so both are taken.

import { isPlainObject } from 'digital-objects'
import { ToolError } from './tool-answer.ts'

export class ToolArguments {
  readonly #given: Readonly<Record<string, unknown>>

  /** Throws a ToolError for a name that is not in the list. */
  constructor(given: unknown, names: readonly string[]) {
    this.#given = isPlainObject(given) ? given : {}
    const stray = Object.keys(this.#given).find((name) => !names.includes(name))
    if (stray !== undefined) throw new ToolError(`the arguments are ${names.join(', ')}, got '${stray.slice(0, 64)}'`)
  }

  /** A list is joined by commas. */
  text(name: string): string | undefined {
    const value = this.#given[name]
    if (value === undefined || value === null || value === '') return undefined
    if (typeof value === 'string') return value
    if (typeof value === 'number') return String(value)
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value.join(',')
    throw new ToolError(`${name} expects a string, got ${JSON.stringify(value).slice(0, 64)}`)
  }

  object(name: string): Readonly<Record<string, unknown>> | undefined {
    const value = this.#given[name]
    if (value === undefined || value === null) return undefined
    if (isPlainObject(value)) return value
    if (typeof value === 'string') {
      const parsed = tryParse(value)
      if (isPlainObject(parsed)) return parsed
    }
    throw new ToolError(`${name} expects an object, got ${JSON.stringify(value).slice(0, 64)}`)
  }

  flag(name: string): boolean {
    const value = this.#given[name]
    if (value === undefined || value === null) return false
    if (typeof value === 'boolean') return value
    throw new ToolError(`${name} expects true or false, got ${JSON.stringify(value).slice(0, 64)}`)
  }
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
