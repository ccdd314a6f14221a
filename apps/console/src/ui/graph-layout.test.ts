import { expect, test } from 'vitest'
import { graphLayout } from './graph-layout.ts'

test('every node has a place of its own, on the ring of its depth, whatever the graph is', () => {
  for (let neighbours = 0; neighbours <= 16; neighbours++)
    for (let behind = 0; behind <= 3; behind++) {
      const inner = Array.from({ length: neighbours }, (_, at) => ({ id: `a${at}`, depth: 1, from: 'me' }) as const)
      const outer = inner.flatMap(({ id }, at) =>
        Array.from(
          { length: (at * 7 + behind) % 4 },
          (_, index) => ({ id: `${id}.${index}`, depth: 2, from: id }) as const,
        ),
      )
      const nodes = [{ id: 'me', depth: 0, from: undefined } as const, ...inner, ...outer]
      const placed = graphLayout(nodes)
      expect(placed.size).toBe(nodes.length)
      const points = new Set([...placed.values()].map(({ x, y }) => `${x.toFixed(3)},${y.toFixed(3)}`))
      expect(points.size).toBe(nodes.length)
      for (const { id, depth } of nodes) {
        const { x = NaN, y = NaN } = placed.get(id) ?? {}
        expect(Math.hypot(x / 1.7, y)).toBeCloseTo([0, 170, 300][depth] ?? NaN)
      }
    }
})
