import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readServerSentEvents, type ServerSentEvent } from './server-sent-events.ts'

async function readAll(chunks: readonly Uint8Array[]): Promise<ServerSentEvent[]> {
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => {
      for (const chunk of chunks) controller.enqueue(chunk)
      controller.close()
    },
  })
  const events: ServerSentEvent[] = []
  for await (const event of readServerSentEvents(stream)) events.push(event)
  return events
}

/** Strings as JSON encodes them: anything but line ends. */
const texts = fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text))
const messages = fc.record({
  id: fc.nat().map(String),
  data: texts,
  comment: fc.boolean(),
  end: fc.constantFrom('\n', '\r\n'),
})

test('what was sent is read, wherever the network cut it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(messages), fc.array(fc.nat()), async (sent, cuts) => {
      const lines = sent.map(({ id, data, comment, end }) =>
        [...(comment ? [': still here', ''] : []), `id: ${id}`, 'event: Deal.Won', `data: ${data}`, '', ''].join(end),
      )
      const bytes = new TextEncoder().encode(lines.join(''))
      const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]
      const chunks = places.slice(1).map((end, at) => bytes.slice(places[at], end))
      expect(await readAll(chunks)).toEqual(sent.map(({ id, data }) => ({ id, data })))
    }),
  )
})

test('an event whose end did not come was not said', async () => {
  const bytes = new TextEncoder().encode('id: 1\ndata: {}\n\nid: 2\ndata: {}\n')
  expect(await readAll([bytes])).toEqual([{ id: '1', data: '{}' }])
})

test('an event without end is an error, not memory', async () => {
  const chunk = new TextEncoder().encode(`data: ${'x'.repeat(2 ** 20)}`)
  await expect(readAll(Array.from({ length: 17 }, () => chunk))).rejects.toThrow('more than')
})
