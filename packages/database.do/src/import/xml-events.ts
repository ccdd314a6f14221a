// Reads a part of a workbook, which is XML, element by element. Names are without their prefixes. Entities of a document type are
// unknown, so none is expanded.

import { SaxesParser } from 'saxes'
import { refuseFile } from './import-refused.ts'

export interface XmlListener {
  readonly opened?: (name: string, attributes: Readonly<Record<string, string>>) => void
  readonly text?: (text: string) => void
  readonly closed?: (name: string) => void
}

/** Limits the memory of one text or tag. A cell has at most 32,767 characters. */
const charactersOfEventMax = 4 * 2 ** 20

/** Yields after each chunk, when the listener has seen its elements. Throws an ObjectError for a text that is no XML. */
export async function* readXml(chunks: AsyncIterable<Uint8Array>, listener: XmlListener): AsyncGenerator<void> {
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
    throw refuseFile(`a part of the workbook is no XML (${error.message.slice(0, 100)}): save it again, or as CSV`)
  })
  const decoder = new TextDecoder()
  for await (const chunk of chunks) {
    const text = decoder.decode(chunk, { stream: true })
    characters += text.length
    parser.write(text)
    if (characters > charactersOfEventMax)
      throw refuseFile(`a cell of the workbook has more than ${charactersOfEventMax} characters: save it as CSV`)
    yield
  }
  parser.write(decoder.decode()).close()
  yield
}

function local(name: string): string {
  const colon = name.indexOf(':')
  return colon < 0 ? name : name.slice(colon + 1)
}
