// The ranking is that of a full sort, in whatever parts the vectors come and however it is read.

import { seededRandom } from '@dotdo/db'
import { expect, test } from 'vitest'
import { VectorRanking } from './vector-ranking.ts'

test('generated vectors are ranked as a full sort ranks them', () => {
  for (let seed = 1; seed <= 50; seed++) {
    const random = seededRandom(seed)
    const size = 1 + Math.floor(random() * 8)
    const vector = (): Float32Array => Float32Array.from({ length: size }, () => random() - 0.5)
    const query = vector()
    const rows = Array.from({ length: Math.floor(random() * 60) }, (_, at) => [`id_${at}`, vector()] as const)
    const ranking = new VectorRanking(query)
    for (let at = 0; at < rows.length;) {
      const count = 1 + Math.floor(random() * 10)
      ranking.add(
        'Note',
        rows.slice(at, at + count).map(([id, of]) => [id, of.buffer as ArrayBuffer] as const),
      )
      at += count
    }
    ranking.add('Note', [['id_of_another_model', new Float32Array(size + 1).buffer]])
    const expected = rows
      .map(([id, of]) => ({ id, score: of.reduce((sum, number, at) => sum + number * (query[at] ?? 0), 0) }))
      .toSorted((a, b) => b.score - a.score)
      .map(({ id }) => id)
    const found: string[] = []
    for (let next = ranking.next(3); next.length > 0; next = ranking.next(1 + Math.floor(random() * 5)))
      found.push(...next.map(({ id }) => id))
    expect(found, `seed ${seed}`).toEqual(expected)
  }
})
