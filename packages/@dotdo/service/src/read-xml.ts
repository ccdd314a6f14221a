// Reads XML element by element. Names are without their prefixes. Entities of a document type are unknown, so none is expanded.

import { SaxesParser } from 'saxes'

export interface XmlListener {
  readonly opened?: (name: string, attributes: Readonly<Record<string, string>>) => void
  readonly text?: (text: string) => void
  readonly closed?: (name: string) => void
}

/** Limits the memory of one text or tag. */
const charactersOfEventMax = 4 * 2 ** 20

/** Yields after each chunk, when the listener has seen its elements. Throws what `refuse` returns for a text that is no XML. */
export async function* readXml(
  chunks: AsyncIterable<Uint8Array>,
  { listener, refuse }: { readonly listener: XmlListener; readonly refuse: (reason: string) => Error },
): AsyncGenerator<void> {
  const parser = new SaxesParser({ xmlns: false, position: false })
  let characters = 0
  const { opened, text: texts, closed } = listener
  parser.on('opentag', ({ name, attributes }) => {
    characters = 0
    opened?.(local(name), attributes)
  })
  parser.on('text', (text) => texts?.(text))
  parser.on('cdata', (text) => texts?.(text))
  parser.on('closetag', ({ name }) => {
    characters = 0
    closed?.(local(name))
  })
  parser.on('error', (error) => {
    throw refuse(`is no XML (${error.message.slice(0, 100)})`)
  })
  const decoder = new TextDecoder()
  for await (const chunk of chunks) {
    const text = decoder.decode(chunk, { stream: true })
    characters += text.length
    parser.write(text)
    if (characters > charactersOfEventMax) throw refuse(`has a text of more than ${charactersOfEventMax} characters`)
    yield
  }
  parser.write(decoder.decode()).close()
  yield
}

function local(name: string): string {
  const colon = name.indexOf(':')
  return colon < 0 ? name : name.slice(colon + 1)
}
