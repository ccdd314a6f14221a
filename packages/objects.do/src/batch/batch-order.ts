// The order in which a batch performs its operations: that of the request, except that an operation comes after those whose
// results it uses.

import { ObjectError } from 'digital-objects'

/**
 * `uses` has, for each operation, the indexes of those it uses. Returns all indexes. Throws an ObjectError that names an
 * operation that uses its own result, through others or by itself.
 */
export function orderOperations(uses: readonly (readonly number[])[]): readonly number[] {
  const order: number[] = []
  const isDone = uses.map(() => false)
  while (order.length < uses.length) {
    const next = uses.findIndex((used, at) => isDone[at] === false && used.every((index) => isDone[index] === true))
    if (next < 0) throw circular(uses, isDone.indexOf(false))
    isDone[next] = true
    order.push(next)
  }
  return order
}

function circular(uses: readonly (readonly number[])[], start: number): ObjectError {
  const circle = findCircle(uses, start)
  const names = circle.map((at) => `operations[${at}]`)
  const message = `batch: ${names.join(' uses the result of ')} uses the result of ${names[0]}: one of them must come first`
  return new ObjectError({ code: 'invalid_body', field: names[0] ?? 'operations', message })
}

/** Follows unfinished operations until one occurs twice: each of them uses another unfinished one. */
function findCircle(uses: readonly (readonly number[])[], start: number): readonly number[] {
  const blocked = blockedOperations(uses)
  const path: number[] = []
  for (let at = start; !path.includes(at);) {
    path.push(at)
    at = uses[at]?.find((index) => blocked.has(index)) ?? at
  }
  const last = path.at(-1) ?? start
  const first = uses[last]?.find((index) => blocked.has(index)) ?? last
  return path.slice(path.indexOf(first))
}

/** The operations that can never be performed. */
function blockedOperations(uses: readonly (readonly number[])[]): ReadonlySet<number> {
  const blocked = new Set(uses.keys())
  for (let size = -1; size !== blocked.size;) {
    size = blocked.size
    for (const at of blocked) if (uses[at]?.every((index) => !blocked.has(index)) === true) blocked.delete(at)
  }
  return blocked
}
