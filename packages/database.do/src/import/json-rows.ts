// Rows of JSON: a list of objects, or an object per line. A list is read item by item while it arrives.

import { findInexactNumber, inexactNumberFault, isPlainObject, type JsonValue, tryParseJson } from 'digital-objects'
import { refuseFile } from './import-refused.ts'
import { rowCharactersMax } from './row-limits.ts'
import type { BrokenRow, Cell, ParsedRow } from './rows.ts'

export const columnsMax = 1_000

/** The columns of objects, in the order in which they were seen. */
export class JsonColumns {
  readonly header: string[] = []
  readonly #places = new Map<string, number>()

  toRow(line: number, text: string): ParsedRow | BrokenRow {
    const value = tryParseJson(text)
    if (!isPlainObject(value)) return { line, fault: 'expected a JSON object' }
    const inexact = findInexactNumber(text)
    if (inexact !== undefined)
      return { line, fault: `field '${inexact.path.join('.')}' ${inexactNumberFault(inexact.text)}` }
    return { line, cells: this.cellsOf(value as Readonly<Record<string, JsonValue>>) }
  }

  cellsOf(value: Readonly<Record<string, JsonValue>>): readonly Cell[] {
    const cells: Cell[] = this.header.map(() => null)
    for (const [name, one] of Object.entries(value)) {
      let place = this.#places.get(name)
      if (place === undefined) {
        place = this.header.length
        if (place === columnsMax) throw refuseFile(`the rows have more than ${columnsMax} different fields`)
        this.#places.set(name, place)
        this.header.push(name)
      }
      cells[place] = [one]
    }
    return Array.from(cells, (cell) => cell ?? null)
  }
}

/** Lines end with LF, or CR and LF; U+2028 is a character of a string like any other. */
export async function* readJsonLines(
  text: AsyncIterable<string>,
): AsyncGenerator<{ readonly line: number; readonly json: string }> {
  let [rest, line] = ['', 1]
  for await (const part of text) {
    const lines = (rest + part).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > rowCharactersMax) throw refuseFile(`line ${line} has more than ${rowCharactersMax} characters`)
    for (const json of lines) {
      if (json.trim() !== '') yield { line, json }
      line++
    }
  }
  if (rest.trim() !== '') yield { line, json: rest }
}

/** The items of a list, with their numbers from 1. Throws an ObjectError if the text is no list. */
export async function* readJsonList(
  text: AsyncIterable<string>,
): AsyncGenerator<{ readonly line: number; readonly json: string }> {
  let [depth, number, item] = [0, 1, '']
  let [isInString, isEscaped, isOver] = [false, false, false]
  for await (const part of text) {
    let start = 0
    for (let at = 0; at < part.length; at++) {
      const character = part[at] ?? ''
      if (isInString) {
        if (isEscaped) isEscaped = false
        else if (character === '\\') isEscaped = true
        else if (character === '"') isInString = false
        continue
      }
      if (character === '"') isInString = true
      else if (character === '[' || character === '{') {
        if (depth === 0 && (character === '{' || isOver)) throw noList()
        depth++
        if (depth === 1) start = at + 1
      } else if (character === ']' || character === '}') {
        depth--
        if (depth > 0) continue
        if (depth < 0 || character === '}') throw noList()
        const json = item + part.slice(start, at)
        if (json.trim() !== '') yield { line: number, json }
        item = ''
        isOver = true
      } else if (depth === 1 && character === ',') {
        yield { line: number++, json: item + part.slice(start, at) }
        item = ''
        start = at + 1
      } else if (depth === 0 && character.trim() !== '') throw noList()
    }
    if (depth > 0) item += part.slice(start)
    if (item.length > rowCharactersMax) throw refuseFile(`row ${number} has more than ${rowCharactersMax} characters`)
  }
  if (!isOver) throw refuseFile(`the list ends in row ${number}: the file is not whole`)
}

function noList(): Error {
  return refuseFile('expected a JSON list of objects; for one object per line, say format=ndjson')
}
