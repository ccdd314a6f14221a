// The project's own check of a history: programs must have had the effect and the results of running one after another in
// the order of the log, and one that only reads must have seen a state between its call and its answer.

import type { History, Transaction } from './history.ts'
import { perform, type Slots } from './slots.ts'

/** Returns what is wrong; empty if the history is strictly serializable. */
export function checkHistory({ transactions, order }: History): readonly string[] {
  const byNumber = new Map(transactions.map((transaction) => [transaction.number, transaction]))
  const faults: string[] = []
  let slots: Slots = new Map()
  /** The slots after each program of the log, and after none. */
  const states: { readonly slots: Slots; readonly writer: Transaction | undefined }[] = [{ slots, writer: undefined }]
  for (const number of order) {
    const writer = byNumber.get(number)
    if (writer === undefined || writer.operations.length === 0) {
      faults.push(`program ${number} failed, and its writes are in the log`)
      continue
    }
    const result = perform(slots, writer.operations)
    if ('wrong' in result) faults.push(`program ${number}: ${JSON.stringify(result.wrong)} is not what the log says`)
    else ({ slots } = result)
    states.push({ slots, writer })
  }
  faults.push(...realTimeFaults(states.flatMap(({ writer }) => writer ?? [])))
  const writers = new Set(order)
  for (const reader of transactions.filter(({ number }) => !writers.has(number))) {
    const isSeen = states.some(
      ({ slots: state }, at) => !('wrong' in perform(state, reader.operations)) && isBetween(reader, at, states),
    )
    if (!isSeen) faults.push(`program ${reader.number} saw no state between its call and its answer`)
  }
  return faults
}

/** A program that was answered before another was called comes before it. */
function realTimeFaults(writers: readonly Transaction[]): readonly string[] {
  const faults: string[] = []
  let latest = Number.NEGATIVE_INFINITY
  for (const writer of writers) {
    if (writer.return < latest) faults.push(`program ${writer.number} was answered before an earlier one was called`)
    latest = Math.max(latest, writer.call)
  }
  return faults
}

/** Whether the state at this index can have been the present between the reader's call and its answer. */
function isBetween(
  reader: Transaction,
  at: number,
  states: readonly { readonly writer: Transaction | undefined }[],
): boolean {
  const isStarted = states.slice(0, at + 1).every(({ writer }) => writer === undefined || writer.call < reader.return)
  const isEnded = states.slice(at + 1).every(({ writer }) => writer === undefined || writer.return > reader.call)
  return isStarted && isEnded
}
