// The ids in a reference field: none, one, or those of a list in its order.

export function referredIds(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  return Array.isArray(value) ? value.filter((id) => typeof id === 'string') : []
}
