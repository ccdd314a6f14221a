// `history`: lists the events of one entity, or loads a file with the past of a tenant that has no entities yet.

import { createReadStream, existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { anyEntity, HeadlesslyError, type LoadedHistory } from '@headlessly/sdk'
import type { Command, CommandCall } from './command.ts'
import { after, limit, listOptions } from './page-flags.ts'
import type { Row } from './row.ts'
import { UsageError } from './usage-error.ts'

export const historyCommand: Command = {
  name: 'history',
  words: ['[id|load|end]', '[file]'],
  about: "list an entity's events, or load a tenant's past from a file of lines, as often as needed: load past.ndjson",
  example: 'history contact_0123456789AB',
  flags: [after, limit],
  run(call) {
    const [first, file, ...others] = call.words
    if (first === 'load') return load(call, file)
    const stray = file ?? others[0]
    if (stray !== undefined) throw new UsageError(`history ${first ?? ''} does not expect '${stray}'`, 'history')
    if (first === undefined || first === 'end') return show(call, first)
    return list(call, first)
  },
}

async function list({ flags, types, output, client, signal }: CommandCall, id: string): Promise<number> {
  const page = await anyEntity(client(), types.parseId(id).name).history(id, { ...listOptions(flags), signal })
  output.rows(
    page.map((event): Row => ({ ...event })),
    ['seq', 'timestamp', 'type', 'version', 'actor'],
  )
  if (page.hasMore) output.note(`more with --after ${String(page.at(-1)?.seq)}`)
  return 0
}

async function show({ output, client, signal }: CommandCall, action: 'end' | undefined): Promise<number> {
  const { history } = client()
  const loaded = action === 'end' ? await history.end({ signal }) : await history.read({ signal })
  output.lineOrJson(describe(loaded), loaded)
  return 0
}

/** Lines that are in already are not sent again, so an interrupted load is repeated by the same command. */
async function load({ output, client, signal }: CommandCall, file: string | undefined): Promise<number> {
  if (file === undefined) throw new UsageError('history load expects <file>', 'history')
  if (!existsSync(file)) throw new UsageError(`file not found: '${file}'`, 'history')
  try {
    const loaded = await client().history.load(linesOf(file), {
      signal,
      onProgress: (now) => output.progress(`${now.lines} lines, up to ${now.timestamp ?? 'the beginning'}`),
    })
    output.lineOrJson(describe(loaded), loaded)
    return 0
  } catch (error) {
    if (!(error instanceof HeadlesslyError) || error.detail['line'] === undefined) throw error
    const { line, lines: done } = error.detail
    output.problem({ code: error.code, message: `${file}:${String(line)}: ${error.message}` })
    output.note(`${count(Number(done))} in; correct line ${String(line)}, and load the file again`)
    return 1
  }
}

/** Opened by the first reader, since lines that nobody awaits are lost. */
async function* linesOf(file: string): AsyncGenerator<string> {
  const input = createReadStream(file, 'utf8')
  yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })
}

function describe({ lines, timestamp, isOpen }: LoadedHistory): string {
  const upTo = timestamp === null ? '' : `, up to ${timestamp}`
  return `${count(lines)} in${upTo}; ${isOpen ? 'more may follow, until the first write or history end' : 'the load has ended'}`
}

function count(lines: number): string {
  return lines === 1 ? '1 line is' : `${lines} lines are`
}
