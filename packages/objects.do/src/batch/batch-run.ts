// A run of a batch: it turns each operation into a call, with the values of its references, and collects the outcomes. Its
// user performs the calls, in one commit or each alone.

import { type Call, type JsonValue, ObjectError, type ObjectErrorData } from 'digital-objects'
import { type Answered, statusOf } from '../answers/answer.ts'
import { problemOf } from '../answers/problem.ts'
import type { Refusal } from '../writes/write.ts'
import { formatBody } from './operation-body.ts'
import { type OperationReference, referredValue } from './operation-reference.ts'
import { type Batch, type BatchOperation, type RouteOperation, routePath } from './parse-batch.ts'

/** The answer of an operation, as far as results show it. */
export type OperationAnswer = Pick<Answered, 'body' | 'createdId' | 'isUnfinished' | 'commit'>

export type Outcome =
  | { readonly ok: true; readonly answer: OperationAnswer }
  | { readonly ok: false; readonly error: ObjectErrorData }

export class BatchRun {
  readonly #batch: Batch
  readonly #route: RouteOperation
  readonly #outcomes: (Outcome | undefined)[]
  /** Parsed bodies of results that others use. */
  readonly #parsed = new Map<number, unknown>()

  constructor(batch: Batch, route: RouteOperation) {
    this.#batch = batch
    this.#route = route
    this.#outcomes = batch.operations.map(() => undefined)
  }

  /** Performs the operations in their order, synchronously. `perform` throws an ObjectError. */
  run(perform: (call: Call) => OperationAnswer): void {
    for (const at of this.#batch.order) {
      const call = this.prepare(at)
      if (call !== undefined)
        this.settle(
          at,
          outcomeOf(() => perform(call)),
        )
    }
  }

  /** The call of an operation; undefined if it cannot be performed, which is then its outcome. */
  prepare(at: number): Call | undefined {
    const operation = this.#batch.operations[at]
    if (operation === undefined) throw new Error(`a batch has an operation ${at}`)
    let call: Call | undefined
    const outcome = outcomeOf(() => {
      this.#requireUsed(operation)
      call = this.#toCall(operation)
      return { body: '' }
    })
    if (!outcome.ok) this.settle(at, outcome)
    return outcome.ok ? call : undefined
  }

  settle(at: number, outcome: Outcome): void {
    this.#outcomes[at] = outcome
  }

  /** The operations that failed, in the order of the request. */
  get failures(): readonly Refusal[] {
    return this.#batch.operations.flatMap(({ id }, at) => {
      const outcome = this.#outcomes[at]
      if (outcome === undefined || outcome.ok) return []
      const problem = problemOf(outcome.error)
      return [{ id, status: problem.status, problem }]
    })
  }

  /** The error of an atomic batch of which operations failed. */
  failed(): ObjectError {
    const { failures } = this
    const [first] = failures
    const others = failures.length > 1 ? `, and ${failures.length - 1} more` : ''
    const cause =
      first === undefined
        ? ''
        : `operation '${first.id}' failed with ${first.status} (${String(first.problem['detail'])})${others}`
    return new ObjectError({
      code: 'batch_failed',
      message: `nothing was committed: ${cause}`,
      // Problem documents are made of JSON values.
      detail: { details: failures as unknown as JsonValue },
    })
  }

  /** The results as JSON, in the order of the request. `commit` is that of an atomic batch. */
  format(commit?: number | null): string {
    const results = this.#batch.operations.map(({ id }, at) =>
      formatResult(id, this.#outcomes[at], commit === undefined),
    )
    return `{"results":[${results.join(',')}]${commit === undefined ? '' : `,"commit":${commit}`}}`
  }

  /** The number of characters of all results so far. */
  get characters(): number {
    return this.#outcomes.reduce((sum, outcome) => sum + (outcome?.ok === true ? outcome.answer.body.length : 0), 0)
  }

  #requireUsed({ field, uses }: BatchOperation): void {
    for (const at of uses) {
      const outcome = this.#outcomes[at]
      if (outcome?.ok !== false) continue
      const { status, detail } = problemOf(outcome.error)
      const id = this.#batch.operations[at]?.id
      const message = `batch: ${field} uses the result of operation '${id}', which failed with ${status} (${String(detail)})`
      throw new ObjectError({
        code: 'dependency_failed',
        field,
        message,
        detail: { operation: id ?? '', operationStatus: status },
      })
    }
  }

  #toCall(operation: BatchOperation): Call {
    const { target, body, ifVersion, at, force } = operation
    const call = 'operation' in target ? this.#routed(operation, target) : target
    if (call.kind !== 'write') return call
    const text = body === undefined ? '' : formatBody(body, (reference) => this.#valueOf(reference))
    return {
      ...call,
      body: text,
      ...(ifVersion === undefined ? {} : { ifVersion }),
      ...(at === undefined ? {} : { at }),
      ...(force === undefined ? {} : { force }),
    }
  }

  #routed({ field, method }: BatchOperation, target: OperationReference): Call {
    const path = this.#valueOf(target)
    if (typeof path === 'string') return routePath(path, { field: `${field}.path`, method, route: this.#route })
    const message = `batch: ${field}.path expects the text of a path, got ${JSON.stringify(path).slice(0, 64)}`
    throw new ObjectError({ code: 'invalid_reference', field: `${field}.path`, message })
  }

  #valueOf(reference: OperationReference): JsonValue {
    const at = this.#batch.operations.findIndex(({ id }) => id === reference.operation)
    if (!this.#parsed.has(at)) {
      const outcome = this.#outcomes[at]
      const text = outcome?.ok === true ? outcome.answer.body : ''
      this.#parsed.set(at, text === '' ? undefined : JSON.parse(text))
    }
    return referredValue(reference, this.#parsed.get(at))
  }
}

/** An ObjectError is an outcome; any other error is thrown. */
export function outcomeOf(perform: () => OperationAnswer): Outcome {
  try {
    return { ok: true, answer: perform() }
  } catch (error) {
    if (!(error instanceof ObjectError)) throw error
    return { ok: false, error: error.toData() }
  }
}

function formatResult(id: string, outcome: Outcome | undefined, hasCommit: boolean): string {
  if (outcome === undefined) throw new Error(`operation '${id}' has an outcome`)
  const head = `{"id":${JSON.stringify(id)},"status":`
  if (!outcome.ok) {
    const problem = problemOf(outcome.error)
    return `${head}${problem.status},"body":${JSON.stringify(problem)}}`
  }
  const { body, commit } = outcome.answer
  const own = hasCommit && commit !== undefined ? `,"commit":${commit}` : ''
  return `${head}${statusOf(outcome.answer)},"body":${body === '' ? 'null' : body}${own}}`
}
