// Reads a stream of server-sent events (WHATWG HTML, section 9.2): blocks of `field: value` lines that end with an empty
// line. Only the fields `id` and `data` are used.

export interface ServerSentEvent {
  readonly id: string
  readonly data: string
}

/** A block is a commit, whose events have at most 8 MB of text, and names around it. */
const blockCharactersMax = 16 * 2 ** 20

/** Yields complete blocks only; a block cut off by a lost connection is dropped. `heard` is called for each chunk. */
export async function* readServerSentEvents(
  stream: ReadableStream<Uint8Array>,
  heard: () => void = () => {},
): AsyncGenerator<ServerSentEvent> {
  const decoder = new TextDecoder()
  // A reader is used since not every platform's stream is iterable.
  const reader = stream.getReader()
  let rest = ''
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      heard()
      const searchFrom = Math.max(0, rest.length - 3)
      rest += decoder.decode(value, { stream: true })
      let start = 0
      for (const end of blockEnds(rest, searchFrom)) {
        const event = parseBlock(rest.slice(start, end.at))
        start = end.next
        if (event !== undefined) yield event
      }
      rest = rest.slice(start)
      if (rest.length > blockCharactersMax)
        throw new Error(`one message has more than ${blockCharactersMax} characters`)
    }
  } finally {
    // Closes the connection if the reader left first.
    await reader.cancel().catch(() => {})
  }
}

/** Lines end with LF or CRLF; a lone CR, which this server never sends, is not a line end. */
function* blockEnds(text: string, from: number): Generator<{ at: number; next: number }> {
  for (const match of text.slice(from).matchAll(/\r?\n\r?\n/g))
    yield { at: from + match.index, next: from + match.index + match[0].length }
}

function parseBlock(block: string): ServerSentEvent | undefined {
  let id = ''
  const data: string[] = []
  for (const line of block.split(/\r?\n/)) {
    const at = line.indexOf(':')
    const name = at < 0 ? line : line.slice(0, at)
    const value = at < 0 ? '' : line.slice(line[at + 1] === ' ' ? at + 2 : at + 1)
    if (name === 'id') id = value
    if (name === 'data') data.push(value)
  }
  return data.length === 0 ? undefined : { id, data: data.join('\n') }
}
