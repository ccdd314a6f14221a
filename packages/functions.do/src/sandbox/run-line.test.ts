import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type LineSocket, listenForLines, type RunLine, sendLine } from './run-line.ts'

/** One end of a socket, whose frames arrive at the same end. */
class Loop implements LineSocket {
  readonly frames: string[] = []
  isClosed = false
  readonly #listeners: ((event: { readonly data: unknown }) => void)[] = []
  readonly #closing: (() => void)[] = []

  send(data: string): void {
    this.frames.push(data)
    this.deliver(data)
  }

  deliver(data: unknown): void {
    for (const listen of this.#listeners) listen({ data })
  }

  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    for (const listen of this.#closing) listen()
  }

  addEventListener(type: string, listener: (event: { readonly data: unknown }) => void): void {
    if (type === 'message') this.#listeners.push(listener)
    else if (type === 'close') this.#closing.push(() => listener({ data: undefined }))
  }
}

const lines = fc.record({
  kind: fc.constantFrom('job', 'calls', 'answers', 'outcome'),
  number: fc.nat(999_999_999),
  text: fc.string({ unit: 'binary' }),
}) satisfies fc.Arbitrary<RunLine>

test('lines arrive as they were sent, in order', () => {
  fc.assert(
    fc.property(fc.array(lines), (sent) => {
      const socket = new Loop()
      const received: RunLine[] = []
      listenForLines(socket, { received: (line) => void received.push(line), closed: () => {} })
      for (const line of sent) sendLine(socket, line)
      expect(received).toEqual(sent)
    }),
  )
})

test('a line larger than a frame is split, and no character is cut in half', () => {
  const socket = new Loop()
  const received: RunLine[] = []
  listenForLines(socket, { received: (line) => void received.push(line), closed: () => {} })
  const text = `x${'😀'.repeat(5 * 2 ** 20)}`
  sendLine(socket, { kind: 'answers', number: 3, text })
  expect(socket.frames.length).toBeGreaterThan(2)
  for (const frame of socket.frames) {
    expect(frame.length).toBeLessThan(5 * 2 ** 20)
    expect(frame.isWellFormed()).toBe(true)
  }
  expect(received).toEqual([{ kind: 'answers', number: 3, text }])
})

test.each([undefined, new ArrayBuffer(1), '', 'x1.text', 'c.text', 'c1text', 'c-1.text', 'c9999999999.text'])(
  'a frame that is no line closes the socket: %j',
  (data) => {
    const socket = new Loop()
    const errors: unknown[] = []
    listenForLines(socket, { received: () => {}, closed: (error) => void errors.push(error) })
    socket.deliver(data)
    expect(errors).toEqual([expect.any(TypeError)])
    expect(socket.isClosed).toBe(true)
  },
)

test.each([
  [
    'throws',
    (): void => {
      throw new Error('broken')
    },
  ],
  ['rejects', (): Promise<void> => Promise.reject(new Error('broken'))],
])('a listener that %s closes the socket and is reported once', async (_, received) => {
  const socket = new Loop()
  const errors: unknown[] = []
  listenForLines(socket, { received, closed: (error) => void errors.push(error) })
  sendLine(socket, { kind: 'calls', number: 1, text: '' })
  await Promise.resolve()
  await Promise.resolve()
  expect(errors).toEqual([expect.objectContaining({ message: 'broken' })])
  expect(socket.isClosed).toBe(true)
})
