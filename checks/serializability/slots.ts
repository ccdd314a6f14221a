// The model of the tenant: slots by id, and what an operation must have seen.

import type { Operation } from './history.ts'

export type Slots = ReadonlyMap<string, { readonly group: string; readonly value: number }>

/** Returns the slots after the operations, or the first one whose result the slots contradict. */
export function perform(slots: Slots, operations: readonly Operation[]): { slots: Slots } | { wrong: Operation } {
  const next = new Map(slots)
  for (const operation of operations) {
    if (!isRight(next, operation)) return { wrong: operation }
    if (operation.op === 'create') next.set(operation.id, { group: operation.group, value: operation.value })
    if (operation.op === 'remove') next.delete(operation.id)
    const slot = operation.op === 'update' ? next.get(operation.id) : undefined
    if (operation.op === 'update' && slot !== undefined) next.set(operation.id, { ...slot, value: operation.value })
  }
  return { slots: next }
}

function isRight(slots: Slots, operation: Operation): boolean {
  switch (operation.op) {
    case 'count':
      return [...slots.values()].filter(({ group }) => group === operation.group).length === operation.count
    case 'list': {
      const seen = [...slots].flatMap(([id, { group, value }]) => (group === operation.group ? [[id, value]] : []))
      return JSON.stringify(seen.toSorted(byId)) === JSON.stringify(operation.slots.toSorted(byId))
    }
    case 'get':
      return (slots.get(operation.id)?.value ?? null) === operation.value
    case 'create':
      return !slots.has(operation.id)
    default:
      return slots.has(operation.id)
  }
}

function byId([a]: readonly unknown[], [b]: readonly unknown[]): number {
  return String(a) < String(b) ? -1 : 1
}
