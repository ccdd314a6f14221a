// Places of the nodes of a graph: the first in the middle, its neighbours on a ring around it, and the outer ones behind the
// neighbour through which they were found.

export interface PlacedNode {
  readonly id: string
  readonly x: number
  readonly y: number
}

interface Positioned {
  readonly id: string
  readonly depth: 0 | 1 | 2
  readonly from: string | undefined
}

const rings = [0, 210, 390] as const

export function graphLayout(nodes: readonly Positioned[]): ReadonlyMap<string, PlacedNode> {
  const inner = nodes.filter(({ depth }) => depth === 1)
  const outer = nodes.filter(({ depth }) => depth === 2)
  // A neighbour gets room for all nodes behind it.
  const rooms = inner.map(({ id }) => Math.max(1, outer.filter(({ from }) => from === id).length))
  const whole = rooms.reduce((sum, room) => sum + room, 0)
  const placed = new Map<string, PlacedNode>()
  const place = (id: string, ring: 0 | 1 | 2, turn: number): void => {
    const angle = turn * 2 * Math.PI - Math.PI / 2
    placed.set(id, { id, x: rings[ring] * Math.cos(angle), y: rings[ring] * Math.sin(angle) })
  }
  for (const { id } of nodes.filter(({ depth }) => depth === 0)) place(id, 0, 0)
  let begun = 0
  for (const [at, { id }] of inner.entries()) {
    const room = rooms[at] ?? 1
    place(id, 1, (begun + room / 2) / whole)
    const behind = outer.filter(({ from }) => from === id)
    for (const [index, one] of behind.entries())
      place(one.id, 2, (begun + (index + 0.5) * (room / behind.length)) / whole)
    begun += room
  }
  return placed
}
