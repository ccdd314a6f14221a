// Problems of the mapping of a file. They are collected, so that a caller learns of all of them at once.

import { ObjectError } from 'digital-objects'
import type { ImportQuestion } from './import-plan.ts'

/** Limits the problems of one answer: a wrong file has as many as columns. */
const problemsMax = 100

export class PlanProblems {
  readonly #found: { readonly error: ObjectError; readonly column: string | undefined }[] = []

  add(error: ObjectError, column?: string): void {
    if (this.#found.length < problemsMax) this.#found.push({ error, column })
  }

  /** Whether something is known to be wrong with the column. */
  hasColumn(name: string): boolean {
    return this.#found.some(({ column }) => column === name)
  }

  /** Returns what `make` returns, or `otherwise` if it throws an ObjectError, which is collected. */
  attempt<Result>(make: () => Result, otherwise: Result, column?: string): Result {
    try {
      return make()
    } catch (error) {
      if (!(error instanceof ObjectError)) throw error
      this.add(error, column)
      return otherwise
    }
  }

  /** Each with the parameter that answers it. */
  get questions(): readonly ImportQuestion[] {
    return this.#found.map(({ error, column }) => ({
      option: error.field ?? 'file',
      ...(column === undefined ? {} : { column }),
      message: error.message,
    }))
  }

  /** Throws an ObjectError that names all problems and open questions, if there are any. */
  refuse(open: readonly ImportQuestion[]): void {
    const all = [...this.questions, ...open]
    const [first] = all
    const [only] = this.#found
    if (first === undefined) return
    if (only !== undefined && all.length === 1) throw only.error
    const message = `the file leaves open: ${all.map((one) => one.message).join('; ')}`
    throw new ObjectError({
      code: only?.error.code ?? 'validation_error',
      field: first.option,
      message,
      faults: all.map(({ option, message: why }) => ({ field: option, message: why })),
    })
  }
}
