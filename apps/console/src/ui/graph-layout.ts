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

const rings = [0, 170, 300] as const
/** Names are wider than high, and so are screens. */
const stretch = 1.7
const margin = { x: 120, y: 40 }
const leastWidth = 900

export function graphLayout(nodes: readonly Positioned[]): ReadonlyMap<string, PlacedNode> {
  const inner = nodes.filter(({ depth }) => depth === 1)
  const outer = nodes.filter(({ depth }) => depth === 2)
  // A neighbour gets room for all nodes behind it.
  const rooms = inner.map(({ id }) => Math.max(1, outer.filter(({ from }) => from === id).length))
  const whole = rooms.reduce((sum, room) => sum + room, 0)
  const placed = new Map<string, PlacedNode>()
  const place = (id: string, ring: 0 | 1 | 2, turn: number): void => {
    const angle = turn * 2 * Math.PI - Math.PI / 2
    placed.set(id, { id, x: stretch * rings[ring] * Math.cos(angle), y: rings[ring] * Math.sin(angle) })
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

/** The part of the plane that the nodes and their names take. */
export function viewBoxOf(nodes: readonly PlacedNode[]): string {
  const [xs, ys] = [nodes.map(({ x }) => x), nodes.map(({ y }) => y)]
  const width = Math.max(leastWidth, Math.max(0, ...xs) - Math.min(0, ...xs) + 2 * margin.x)
  const top = Math.min(0, ...ys) - margin.y
  const left = (Math.min(0, ...xs) + Math.max(0, ...xs) - width) / 2
  return [left, top, width, Math.max(0, ...ys) + 2 * margin.y - top].map(Math.round).join(' ')
}
