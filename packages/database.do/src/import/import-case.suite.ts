// Imports a file as a tenant would, without one: reads its rows, makes the plan, and converts them.

import { makeCatalog, nouns, serviceNouns, validateCreate } from 'digital-objects'
import { ColumnEvidence } from './column-evidence.ts'
import { rowConverter } from './convert-row.ts'
import { formatOf, isHeldWhole, openFile } from './file-rows.ts'
import type { ImportChoices } from './import-choices.ts'
import { makePlan } from './make-plan.ts'
import { fromStaged, toStaged } from './staged-row.ts'

const catalog = makeCatalog(
  Object.values({ ...nouns, ...serviceNouns }).map((noun) => noun.$schema),
  [],
)

/** Encodes by what decodes to the character. */
export function encode(text: string, encoding: string): Uint8Array {
  if (encoding === 'utf-8') return new TextEncoder().encode(text)
  if (encoding === 'utf-8 with a mark') return new TextEncoder().encode(`\uFEFF${text}`)
  if (encoding.startsWith('utf-16')) {
    const bytes = new Uint8Array(text.length * 2 + 2)
    const view = new DataView(bytes.buffer)
    for (const [at, character] of Array.from({ length: text.length + 1 }, (_, place) =>
      `\uFEFF${text}`.charAt(place),
    ).entries())
      view.setUint16(at * 2, character.charCodeAt(0), encoding === 'utf-16le')
    return bytes
  }
  const decoder = new TextDecoder(encoding)
  const codes = new Map(Array.from({ length: 256 }, (_, code) => [decoder.decode(new Uint8Array([code])), [code]]))
  if (encoding === 'shift_jis')
    for (let lead = 0x81; lead < 0xfd; lead++)
      for (let trail = 0x40; trail < 0xfd; trail++)
        codes.set(decoder.decode(new Uint8Array([lead, trail])), [lead, trail])
  return new Uint8Array(Array.from(text).flatMap((character) => codes.get(character) ?? []))
}

export interface ImportCase {
  readonly name: string
  readonly noun?: string
  readonly text: string | Uint8Array
  readonly encoding?: string
  readonly choices?: ImportChoices
  readonly options?: { readonly encoding?: string; readonly delimiter?: string; readonly sheet?: string }
  /** Parts of the converted rows, or what refuses the file. */
  readonly rows?: readonly object[]
  readonly refused?: RegExp
  readonly faults?: readonly (readonly [line: number, fault: RegExp])[]
  readonly match?: string | null
  readonly system?: string
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 7) yield bytes.slice(at, at + 7)
}

/** Reads, maps and converts a file. */
export async function importText({
  name,
  noun = 'Contact',
  text,
  encoding = 'utf-8',
  choices = {},
  options = {},
}: ImportCase) {
  const schema = catalog.lookup(noun)
  if (schema === undefined) throw new Error(noun)
  const bytes = typeof text === 'string' ? encode(text, encoding) : text
  const file = await openFile(once(bytes), { format: formatOf({ fileName: name }), ...options })
  const evidence: ColumnEvidence[] = []
  const staged = []
  for await (const row of file.rows) {
    staged.push(toStaged(row))
    if ('cells' in row) for (const [at, cell] of row.cells.entries()) (evidence[at] ??= new ColumnEvidence()).add(cell)
  }
  const { plan, problems, questions } = makePlan(
    schema,
    {
      header: file.header,
      evidence,
      isText: file.format === 'csv' || file.format === 'xlsx',
      convertsNumbers: isHeldWhole(file.format),
      ...(file.delimiter === undefined ? {} : { delimiter: file.delimiter }),
    },
    choices,
  )
  problems.refuse(questions)
  const convert = rowConverter(plan, schema)
  const read = staged.map((one) => {
    const row = fromStaged(JSON.parse(JSON.stringify(one)))
    return 'fault' in row ? row : convert(row)
  })
  const rows = read.flatMap((row) => {
    if ('fault' in row) return []
    const named = Object.fromEntries(row.references.map(({ field, texts }) => [field, texts[0]]))
    const checked = validateCreate(schema, row.body)
    const faults = checked.ok ? [] : checked.faults.filter(({ field }) => !Object.hasOwn(named, field))
    return [
      {
        ...row.body,
        ...named,
        ...(row.name === undefined ? {} : { $id: row.name }),
        ...(row.at === undefined ? {} : { $at: row.at }),
        ...(faults.length === 0 ? {} : { faults }),
      },
    ]
  })
  return { plan, rows, faults: read.flatMap((row) => ('fault' in row ? [row] : [])) }
}
