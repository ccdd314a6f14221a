// The tenant's past: events as a list and live, and rollback to an earlier state.

import { anyEntity, type EventPattern } from '@headlessly/sdk'
import { ObjectError, parseEventPattern } from 'digital-objects'
import type { Row } from './row.ts'
import { atFlag, atOf } from './at-flag.ts'
import { checkRead } from './check-read.ts'
import type { Command, CommandCall } from './command.ts'
import { dryRunFlag, dryRunOf, printWritten } from './dry-run.ts'
import { asOf } from './read-flags.ts'
import { wholeNumber } from './flag.ts'
import { historyCommand } from './history-command.ts'
import { formatValue } from './format-value.ts'
import { after, limit, listOptions, seqMax } from './page-flags.ts'
import { UsageError } from './usage-error.ts'

const columns = ['seq', 'timestamp', 'type', 'target', 'actor']

export const logCommands: readonly Command[] = [
  {
    name: 'events',
    words: [],
    about: 'list events, oldest first; --follow continues with new ones',
    example: "events --type 'Deal.*' --follow",
    flags: [
      {
        name: 'type',
        kind: 'value',
        placeholder: '<pattern>',
        about: "Deal.*, Deal.Closed, *.Created, an entity's id",
      },
      {
        name: 'actor',
        kind: 'value',
        placeholder: '<id>',
        about: 'only events of this actor',
      },
      {
        name: 'follow',
        kind: 'switch',
        about: 'print new events until Ctrl-C, also across server restarts; starts now unless --after',
      },
      after,
      limit,
    ],
    run: events,
  },
  historyCommand,
  {
    name: 'rollback',
    words: ['<id>'],
    about: 'restore an earlier state as a new version',
    example: 'rollback contact_0123456789AB --version 1',
    flags: [
      {
        name: 'version',
        kind: 'value',
        placeholder: '<number>',
        about: 'the version to restore',
        parse: wholeNumber(1, seqMax),
      },
      asOf,
      atFlag,
      dryRunFlag,
    ],
    async run(call) {
      const { words, flags, types, output, client, signal } = call
      const [id = ''] = words
      const [version, timestamp] = [flags.number('version'), flags.text('as-of')]
      checkRead(types.parseId(id), { flags, types }, { command: 'rollback' })
      if ((version === undefined) === (timestamp === undefined))
        throw new UsageError('expected either --version or --as-of', 'rollback')
      const to = version === undefined ? { asOf: timestamp } : { version }
      const options = { signal, ...atOf(flags), ...dryRunOf(flags) }
      const entity = await anyEntity(client(), types.parseId(id).name).perform('rollback', id, to, options)
      return printWritten(call, entity, (row) => output.record(row))
    },
  },
]

async function events(call: CommandCall): Promise<number> {
  const { flags, output, client, signal } = call
  const pattern = parsePattern(flags.text('type') ?? '*')
  if (flags.isOn('follow')) {
    if (flags.has('limit'))
      throw new UsageError('--follow cannot be combined with --limit: it ends with Ctrl-C', 'events')
    if (flags.has('actor'))
      throw new UsageError('--follow cannot be combined with --actor: live events are selected by --type', 'events')
    return follow(call, pattern)
  }
  const actor = flags.text('actor')
  const choice = { type: pattern, ...(actor === undefined ? {} : { actor }) }
  const page = await client().events.list({ ...choice, ...listOptions(flags), signal })
  output.rows(page.map(toRow), columns)
  if (page.hasMore) output.note(`more with --after ${page.at(-1)?.seq ?? page.cursor}`)
  return 0
}

/** Resolves when the signal aborts, and rejects if the server refuses. Reports reconnects on stderr. */
function follow({ flags, output, client, signal }: CommandCall, pattern: EventPattern): Promise<number> {
  const start = flags.number('after')
  const { events: log } = client()
  return new Promise((resolve, reject) => {
    const stop = log.subscribe(
      pattern,
      (event) => {
        const row = toRow(event)
        output.line(output.isJson ? JSON.stringify(row) : columns.map((name) => formatValue(row[name])).join('\t'))
      },
      {
        ...(start === undefined ? {} : { after: start }),
        onError: (error, { isEnded }) => {
          if (isEnded) return reject(error)
          output.note(`${error instanceof Error ? error.message : String(error)}; retrying`)
        },
      },
    )
    const end = (): void => {
      stop()
      resolve(0)
    }
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
  })
}

function parsePattern(text: string): EventPattern {
  try {
    parseEventPattern(text)
    return text as EventPattern
  } catch (error) {
    if (!(error instanceof ObjectError)) throw error
    throw new UsageError(`--${error.message}`, 'events')
  }
}

function toRow(event: object): Row {
  return { ...event }
}
