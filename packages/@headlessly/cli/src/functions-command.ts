// `functions`: lists stored functions, stores the files of a folder, writes them to a folder, runs one, or shows its runs. A
// file's name is the function's, and comments at its beginning say what makes it run: `// @on Contact.qualifying`.

import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Backtest, BacktestRun, FunctionInput, StoredFunction } from '@headlessly/sdk'
import type { Row } from './row.ts'
import type { Command, CommandCall } from './command.ts'
import { exactJson } from './flag.ts'
import { readText } from './read-text.ts'
import { UsageError } from './usage-error.ts'

const folderByDefault = 'functions'
/** The most rows that a terminal can show. */
const backtestRowsMax = 1_000
const directives = {
  on: 'on',
  schedule: 'schedule',
  hosts: 'hosts',
  secrets: 'secrets',
  about: 'description',
} as const
/** Their names are separated by commas. */
const lists: readonly string[] = ['hosts', 'secrets']

export const functionsCommand: Command = {
  name: 'functions',
  words: ['[push|pull|run|logs|backtest|remove]', '[folder or name]'],
  about:
    'list stored functions, store or fetch the files of a folder, run one, show its runs, or what it would have done',
  example: 'functions push functions',
  flags: [
    {
      name: 'given',
      kind: 'value',
      placeholder: '<json>',
      about: 'the argument of run',
      parse: (text) => exactJson(text, 'JSON'),
    },
    { name: 'since', kind: 'value', placeholder: '<time>', about: 'the time from which backtest takes events' },
  ],
  async run(call) {
    const [action, name] = call.words
    if (action === undefined) return list(call)
    if (action === 'push') return push(call, name ?? folderByDefault)
    if (action === 'pull') return pull(call, name ?? folderByDefault)
    if (name === undefined) throw new UsageError(`functions ${action} expects <name>`, 'functions')
    const { output, client, signal, flags } = call
    const { functions } = client()
    if (action === 'run') {
      const result = await functions.run(name, {
        given: flags.value('given'),
        signal,
        onLog: (line) => output.note(line),
      })
      if (result !== undefined) output.json(result)
      return 0
    }
    if (action === 'logs') {
      const runs = await functions.runs(name, { signal })
      output.rows(
        runs.map((run): Row => ({ ...run, logs: [...run.logs].join('\n') })),
        ['at', 'ms', 'ok', 'cause', 'error', 'line', 'logs'],
      )
      return 0
    }
    if (action === 'backtest') return backtest(call, name)
    if (action !== 'remove')
      throw new UsageError(`functions expects push, pull, run, logs, backtest or remove, got '${action}'`, 'functions')
    await functions.remove(name, { signal })
    output.line(`removed ${name}`)
    return 0
  },
}

/** Prints a line for each event, until the last one. */
async function backtest({ client, output, signal, flags }: CommandCall, name: string): Promise<number> {
  const since = flags.text('since')
  if (since === undefined) throw new UsageError('functions backtest expects --since <time>', 'functions')
  const rows: Row[] = []
  for (let from: { since: string } | { cursor: string } | undefined = { since }; from !== undefined;) {
    const page: Backtest = await client().functions.backtest(name, { ...from, signal })
    for (const run of page.results) {
      const { event, type, target, ok, error, line, logs } = run
      rows.push({
        event,
        type,
        target,
        ok,
        error,
        line,
        does: shownDeeds(run),
        logs: logs.join('\n'),
      })
    }
    from = page.cursor === null || rows.length >= backtestRowsMax ? undefined : { cursor: page.cursor }
  }
  output.rows(rows, ['event', 'type', 'target', 'ok', 'error', 'line', 'does', 'logs'])
  return 0
}

function shownDeeds({ changes, events, requests }: BacktestRun): string {
  const sets = Object.entries(changes ?? {}).map(([field, value]) => `${field} = ${JSON.stringify(value)}`)
  const writes = (events ?? []).map(({ type }) => type)
  const sends = (requests ?? []).map(({ method, url }) => `${method} ${url}`)
  return [...sets, ...writes, ...sends].join(', ')
}

async function list({ client, output, signal }: CommandCall): Promise<number> {
  const found = await client().functions.list({ signal })
  output.rows(
    found.map((stored): Row => ({ ...stored })),
    ['name', 'on', 'schedule', 'status', '$version', 'reason'],
  )
  return 0
}

async function push({ client, output, signal }: CommandCall, folder: string): Promise<number> {
  const { functions } = client()
  const files = filesIn(folder)
  if (files.length === 0) throw new UsageError(`'${folder}' has no .ts or .js files`, 'functions')
  for (const file of files) {
    const name = file.replace(/\.[jt]s$/, '')
    const before = await functions.get(name, { signal })
    const source = readText(join(folder, file), 'functions')
    const stored = await functions.put(name, parseFile(source), { signal }).catch((error: unknown) => {
      // The files before this one are stored.
      output.note(`not stored: ${file}`)
      throw error
    })
    const state = before === undefined ? 'stored' : before.$version === stored.$version ? 'unchanged' : 'changed'
    output.line(`${state} ${name}`)
  }
  return 0
}

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /\.[jt]s$/.test(name) && !name.endsWith('.d.ts'))
      .toSorted()
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    throw new UsageError(`folder not found: '${folder}'`, 'functions')
  }
}

async function pull({ client, output, signal }: CommandCall, folder: string): Promise<number> {
  mkdirSync(folder, { recursive: true })
  for (const stored of await client().functions.list({ signal })) {
    // The server allows no name that leads out of the folder.
    const file = join(folder, `${stored.name}.ts`)
    writeFileSync(file, formatFile(stored))
    output.line(`wrote ${file}`)
  }
  return 0
}

/** Reads the comments at the beginning, which are part of the source. */
export function parseFile(source: string): FunctionInput {
  const head = /^(?:\s*\/\/[^\n]*\n?)*/.exec(source)?.[0] ?? ''
  const found = Object.entries(directives).flatMap(([word, field]) => {
    const value = new RegExp(String.raw`^\s*//\s*@${word}\s+(.+?)\s*$`, 'm').exec(head)?.[1]
    return value === undefined ? [] : [[field, lists.includes(field) ? value.split(/\s*,\s*/) : value]]
  })
  return { ...Object.fromEntries(found), source }
}

/** A file that stores the same function again. */
export function formatFile(
  stored: Pick<StoredFunction, 'source' | (typeof directives)[keyof typeof directives]>,
): string {
  const { source } = stored
  const known = parseFile(source)
  const missing = Object.entries(directives).flatMap(([word, field]) =>
    stored[field] === undefined || textOf(known[field]) === textOf(stored[field])
      ? []
      : [`// @${word} ${textOf(stored[field])}\n`],
  )
  return missing.join('') + source
}

function textOf(value: string | readonly string[] | undefined): string {
  return typeof value === 'string' ? value : (value ?? []).join(', ')
}
