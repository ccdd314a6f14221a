import type { RpcTransport } from 'capnweb'
import { frameCharactersMax, frameLinesMax } from 'digital-objects'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { joinLines, LineTransport } from './line-transport.ts'

/** Lines of generated lengths, often just at the limit or beside it. */
const cases = fc
  .record({ charactersMax: fc.integer({ min: 1, max: 40 }), linesMax: fc.integer({ min: 1, max: 5 }) })
  .chain((limits) => {
    const lengths = fc.oneof(fc.nat(8), fc.integer({ min: limits.charactersMax - 1, max: limits.charactersMax + 1 }))
    const letters = fc.constantFrom('a', 'b', '\u754c', '"')
    const line = fc.tuple(letters, lengths).map(([letter, length]) => letter.repeat(length))
    return fc.record({ limits: fc.constant(limits), lines: fc.array(line, { maxLength: 30 }) })
  })

test('frames hold all lines in their order, each as many as the limits allow', () => {
  fc.assert(
    fc.property(cases, ({ limits, lines }) => {
      const fits = (frame: string): boolean =>
        frame.length <= limits.charactersMax && frame.split('\n').length <= limits.linesMax
      const frames = joinLines(lines, limits)
      expect(frames.flatMap((frame) => frame.split('\n'))).toEqual(lines)
      for (const [at, frame] of frames.entries()) {
        expect(fits(frame) || !frame.includes('\n'), frame).toBe(true)
        const [next] = frames[at + 1]?.split('\n') ?? []
        if (next !== undefined) expect(fits(`${frame}\n${next}`), frame).toBe(false)
      }
    }),
  )
})

test("the lines of one turn are sent as frames within the server's limits", async () => {
  const half = frameCharactersMax / 2
  for (const [lengths, frames] of [
    [[10, 10, 10], 1],
    [[half, half - 1], 1],
    [[half, half], 2],
    [[half, 20, half, 20, half, 20], 3],
    [Array.from({ length: 2 * frameLinesMax + 1 }, () => 1), 3],
  ] as const) {
    const sent: string[] = []
    const recorder: RpcTransport = {
      send: (frame) => void sent.push(frame),
      receive: () => new Promise(() => {}),
    }
    const transport = new LineTransport(recorder)
    for (const length of lengths) transport.send('x'.repeat(length))
    await Promise.resolve()
    expect(sent).toHaveLength(frames)
    for (const frame of sent) expect(frame.length).toBeLessThanOrEqual(frameCharactersMax)
    expect(sent.flatMap((frame) => frame.split('\n').map(({ length }) => length))).toEqual(lengths)
  }
})
