// The encoding of a text file: declared by the caller, by a byte order mark, or detected. Text is never decoded with loss: bytes
// that the encoding does not have are refused with their line.

import { refuseFile, refuseOption } from './import-refused.ts'

export interface DetectedEncoding {
  readonly encoding: string
  /** Whether the bytes leave no other choice, or the caller has declared it. */
  readonly isSure: boolean
}

/** Bytes from which an encoding is detected. */
export const sampleBytes = 64 * 2 ** 10

/**
 * Encodings of one byte per character that old programs write, with letters that are common in their languages. The first of
 * those that are as likely is taken only if they decode the sample to the same text.
 */
const candidates: readonly { readonly encoding: string; readonly common: string }[] = [
  { encoding: 'windows-1252', common: 'äöüßÄÖÜéèêëàâçñáíóúîïôûœæøåÅØÆãõìòù€£§°©®–—’‘“”„…´ÉÈÀÇÑ¿¡' },
  { encoding: 'windows-1250', common: 'ąćęłńóśźżĄĆĘŁŃÓŚŹŻáčďéěíňřšťúůýžÁČĎÉĚÍŇŘŠŤÚŮÝŽőűŐŰăâîșţöüä€–„”’' },
  { encoding: 'windows-1251', common: 'абвгдежзийклмнопрстуфхцчшщъыьэюяАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЭЮЯіїєґ№«»—' },
  { encoding: 'macintosh', common: 'äöüßÄÖÜéèêëàâçñáíóúîïôûœæøåÅØÆãõìòùÉÈÀÇÑ€£’“”–' },
]

/** Throws an ObjectError if the encoding is unknown, or if several are as likely. */
export function detectEncoding(sample: Uint8Array, declared?: string): DetectedEncoding {
  const byMark = encodingOfMark(sample)
  if (declared !== undefined) return { encoding: knownEncoding(declared), isSure: true }
  if (byMark !== undefined) return { encoding: byMark, isSure: true }
  const wide = wideEncoding(sample)
  if (wide !== undefined) return { encoding: wide, isSure: true }
  if (tryDecode(sample, 'utf-8') !== undefined) return { encoding: 'utf-8', isSure: true }
  const japanese = tryDecode(sample, 'shift_jis')
  if (
    japanese !== undefined &&
    /[\u3040-\u30ff\u4e00-\u9fff]{2}/.test(japanese) &&
    !/[\uff61-\uff9f]{2}/.test(japanese)
  )
    return { encoding: 'shift_jis', isSure: false }
  return mostLikely(sample)
}

/** Yields the text without its byte order mark. Throws an ObjectError with the line of bytes that are not of the encoding. */
export async function* decodeText(
  chunks: AsyncIterable<Uint8Array>,
  { encoding, isSure }: DetectedEncoding,
): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: false })
  const isOneByte = !encoding.startsWith('utf-')
  let line = 1
  const checked = (decode: () => string, bytes: Uint8Array | undefined): string => {
    let text: string
    try {
      text = decode()
    } catch (error) {
      if (!(error instanceof TypeError)) throw error
      throw undecodable(encoding, line + linesBefore(bytes, encoding), isSure)
    }
    // Encodings of one byte have no character for some bytes, which decode to control characters.
    // oxlint-disable-next-line no-control-regex
    const control = isOneByte ? text.search(/[\u0080-\u009f]/) : -1
    if (control >= 0) throw undecodable(encoding, line + countLines(text.slice(0, control)), isSure)
    line += countLines(text)
    return text
  }
  for await (const bytes of chunks) {
    const text = checked(() => decoder.decode(bytes, { stream: true }), bytes)
    if (text !== '') yield text
  }
  const rest = checked(() => decoder.decode(), undefined)
  if (rest !== '') yield rest
}

function encodingOfMark(bytes: Uint8Array): string | undefined {
  const [first, second, third] = bytes
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8'
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  return first === 0xfe && second === 0xff ? 'utf-16be' : undefined
}

/** UTF-16 without a mark: delimiters and line ends have a zero as one of their bytes, and few characters have one as the other. */
function wideEncoding(bytes: Uint8Array): string | undefined {
  let [even, odd] = [0, 0]
  for (const [at, byte] of bytes.entries()) {
    if (byte !== 0) continue
    if (at % 2 === 0) even++
    else odd++
  }
  const many = bytes.length / 8
  if (odd > many && odd > 8 * even) return 'utf-16le'
  return even > many && even > 8 * odd ? 'utf-16be' : undefined
}

function knownEncoding(label: string): string {
  try {
    return new TextDecoder(label).encoding
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw refuseOption('encoding', `expects an encoding such as utf-8 or windows-1252, got '${label.slice(0, 40)}'`)
  }
}

/** The sample may end inside a character. */
function tryDecode(sample: Uint8Array, encoding: string): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: false }).decode(sample, { stream: true })
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}

function mostLikely(sample: Uint8Array): DetectedEncoding {
  const scored = candidates.flatMap(({ encoding, common }) => {
    const text = tryDecode(sample, encoding)
    // oxlint-disable-next-line no-control-regex
    if (text === undefined || /[\u0080-\u009f]/.test(text)) return []
    // oxlint-disable-next-line no-control-regex
    const special = [...text.replaceAll(/[\u0000-\u007f]/g, '')]
    const hits = special.filter((character) => common.includes(character)).length
    const score = special.length === 0 ? 0 : (hits - 2 * odditiesIn(text)) / special.length
    return [{ encoding, text, score }]
  })
  const [best, ...others] = scored.toSorted((one, other) => other.score - one.score)
  if (best === undefined || best.score < 0.5) throw undecodable('utf-8', 1 + linesBefore(sample, 'utf-8'), false)
  const rival = others.find(({ score, text }) => score >= best.score - 0.05 && text !== best.text)
  if (rival === undefined) return { encoding: best.encoding, isSure: false }
  throw refuseFile(
    `the file is not UTF-8, and both ${best.encoding} ('${exampleOf(best.text)}') and ${rival.encoding} ('${exampleOf(rival.text)}') are possible: name one, such as encoding=${best.encoding}`,
    'encoding',
  )
}

/** A capital letter or a sign inside of a word, and letters of two scripts in one, are what a wrong encoding makes. */
function odditiesIn(text: string): number {
  const inWords = text.match(/\p{Ll}(?:\p{Lu}\p{Ll}|[^\p{L}\p{N}\p{P}\p{Z}\p{C}]\p{L})/gu) ?? []
  // oxlint-disable-next-line no-control-regex
  const odd = inWords.filter((found) => /[^\u0000-\u007f]/.test(found)).length
  return odd + (text.match(/[A-Za-z]\p{Script=Cyrillic}|\p{Script=Cyrillic}[A-Za-z]/gu) ?? []).length
}

/** The first word that the encodings decode differently. */
function exampleOf(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return /[\p{L}\p{N}]*[^\u0000-\u007f][\p{L}\p{N}]*/u.exec(text)?.[0].slice(0, 40) ?? ''
}

function undecodable(encoding: string, line: number, isSure: boolean): Error {
  const hint = isSure
    ? 'save the file as UTF-8, or declare its encoding, such as encoding=windows-1252'
    : 'declare its encoding, such as encoding=windows-1252 or encoding=utf-8, or save the file as UTF-8'
  return refuseFile(`line ${line} has bytes that are not ${encoding}: ${hint}`, 'encoding')
}

function linesBefore(bytes: Uint8Array | undefined, encoding: string): number {
  if (bytes === undefined) return 0
  const text = new TextDecoder(encoding).decode(bytes, { stream: true })
  const wrong = text.indexOf('\uFFFD')
  return countLines(wrong < 0 ? text : text.slice(0, wrong))
}

function countLines(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++
  return count
}
