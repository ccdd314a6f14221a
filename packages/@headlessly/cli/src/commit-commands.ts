// Commits: the newest ones, one of them with its events, undo, and the execution of what a dry run has shown.

import type { Commit, UndoingCommit, Undone } from '@headlessly/sdk'
import type { Row } from './row.ts'
import type { Command, CommandCall } from './command.ts'
import { atFlag, atOf } from './at-flag.ts'
import { describeEvent, dryRunFlag, dryRunOf, printWritten } from './dry-run.ts'
import { type Flag, wholeNumber } from './flag.ts'
import { UsageError } from './usage-error.ts'

const seqMax = 999_999_999_999_999
const number = wholeNumber(1, seqMax)

const valueFlag = (name: string, placeholder: string, about: string): Flag => ({
  name,
  kind: 'value',
  placeholder,
  about,
})

const commitsCommand: Command = {
  name: 'commits',
  words: ['[commit]'],
  about: 'list the newest commits, or show one with its events',
  example: 'commits 1042',
  flags: [
    { ...valueFlag('limit', '<number>', 'how many; default 20'), parse: wholeNumber(1, 100) },
    { ...valueFlag('before', '<commit>', 'only commits before this one'), parse: number },
  ],
  async run(call) {
    const { words, flags, output, client, signal } = call
    const [word] = words
    if (word !== undefined) {
      showCommit(call, await client().commits.get(parseNumber(word, 'commits'), { signal }))
      return 0
    }
    const [limit, before] = [flags.number('limit'), flags.number('before')]
    const commits = await client().commits.list({ limit, before, signal })
    output.rows(commits.map(output.isJson ? toRow : toSummary), ['commit', 'timestamp', 'actor', 'events'], {
      isLastWhole: true,
    })
    return 0
  },
}

const undoCommand: Command = {
  name: 'undo',
  words: ['[commit]'],
  about: 'take back a commit, a range, all of an actor since a time, or those of a job, by a new commit',
  example: 'undo 1042 --dry-run',
  flags: [
    { ...valueFlag('from', '<commit>', 'the first commit of a range'), parse: number },
    { ...valueFlag('to', '<commit>', 'the last commit of a range'), parse: number },
    valueFlag('actor', '<id>', 'take back what this actor did'),
    valueFlag('since', '<timestamp>', 'with --actor: since this time, 2026-01-15T10:00:00Z'),
    valueFlag('job', '<id>', 'take back what this job has made'),
    valueFlag('idempotency-key', '<key>', 'repeating it with the same key undoes once'),
    atFlag,
    dryRunFlag,
  ],
  async run(call) {
    const { flags, client, signal } = call
    const key = flags.text('idempotency-key')
    const options = { signal, ...(key === undefined ? {} : { idempotencyKey: key }), ...atOf(flags) }
    const undone = parseUndone(call)
    const { commits } = client()
    const { dryRun } = dryRunOf(flags)
    const result =
      dryRun === undefined ? await commits.undo(undone, options) : await commits.undo(undone, { ...options, dryRun })
    return printWritten(call, result, () => showCommit(call, result as UndoingCommit)) // without --dry-run
  },
}

const executeCommand: Command = {
  name: 'execute',
  words: ['<plan>'],
  about: 'do exactly what a dry run has shown, once; refused if something it depends on has changed',
  example: 'execute plan_0123456789AB',
  flags: [],
  async run({ words: [plan = ''], output, client, signal }) {
    const result = await client().plans.execute(plan, { signal })
    if (result !== undefined) output.record(typeof result === 'object' ? { ...result } : { result })
    return 0
  },
}

export const commitCommands: readonly Command[] = [commitsCommand, undoCommand, executeCommand]

function parseUndone({ words: [word], flags }: CommandCall): Undone {
  const [from, to] = [flags.number('from'), flags.number('to')]
  const [actor, since] = [flags.text('actor'), flags.text('since')]
  const job = flags.text('job')
  const isRange = from !== undefined || to !== undefined
  const isActor = actor !== undefined || since !== undefined
  if ([word !== undefined, isRange, isActor, job !== undefined].filter(Boolean).length !== 1)
    throw new UsageError('expected a commit, or --from and --to, or --actor and --since, or --job', 'undo')
  if (job !== undefined) return { job }
  if (word !== undefined) return parseNumber(word, 'undo')
  if (isRange) {
    if (from === undefined || to === undefined) throw new UsageError('--from and --to go together', 'undo')
    return { from, to }
  }
  if (actor === undefined || since === undefined) throw new UsageError('--actor and --since go together', 'undo')
  return { actor, since }
}

function parseNumber(word: string, command: string): number {
  if (/^[1-9]\d{0,14}$/.test(word)) return Number(word)
  throw new UsageError(`${command} expects the number of a commit, got '${word.slice(0, 64)}'`, command)
}

function showCommit({ output }: CommandCall, commit: Commit | UndoingCommit): void {
  if (output.isJson) return output.json(commit)
  if ('job' in commit && commit.job !== undefined)
    return output.note(
      `${commit.job.done} changes were taken back in several commits; to restore them: headlessly undo --job ${commit.job.id}`,
    )
  if (commit.commit === null) return output.note('there was nothing to take back')
  output.line(`commit ${commit.commit}, ${commit.timestamp}, by ${commit.actor}`)
  for (const event of commit.events) output.line(`  ${describeEvent(event)}`)
}

function toRow(commit: Commit): Row {
  return { ...commit }
}

function toSummary({ events, ...commit }: Commit): Row {
  const types = new Map<string, number>()
  for (const { type } of events) types.set(type, (types.get(type) ?? 0) + 1)
  const counts = [...types].map(([type, count]) => (count === 1 ? type : `${count} ${type}`))
  return { ...commit, events: counts.join(', ') }
}
