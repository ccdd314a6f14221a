// `approvals`: shows the commits that wait for the consent of a person, approves or refuses one, and sets the rules.

import type { Approval, ApprovalRule } from '@headlessly/sdk'
import { isPlainObject, parseJson } from 'digital-objects'
import { readFileSync } from 'node:fs'
import type { Row } from './row.ts'
import type { Command, CommandCall } from './command.ts'
import { UsageError } from './usage-error.ts'

const actions = ['show', 'approve', 'refuse', 'rules', 'set'] as const
const columns = ['id', 'status', 'requestedBy', 'requestedAt', 'calls', 'rules', 'eventCount']

export const approvalsCommand: Command = {
  name: 'approvals',
  words: ['[show|approve|refuse|rules|set]', '[id|file]'],
  about: 'list what waits for the consent of a person, decide about it, or set the rules that demand consent',
  example: 'approvals approve approval_1VbZ0kQ3x9Ta',
  flags: [
    {
      name: 'status',
      kind: 'value',
      placeholder: '<status>',
      about: 'list those with this status; Pending by default',
    },
    { name: 'reason', kind: 'value', placeholder: '<text>', about: 'refuse: the reason, for whoever asked' },
  ],
  async run(call) {
    const { words, flags, client, output, signal } = call
    const [word, subject] = words
    const action = actions.find((name) => name === word)
    if (word !== undefined && action === undefined)
      throw new UsageError(`approvals expects ${actions.join(', ')}, got '${word}'`, 'approvals')
    const { access } = client()
    if (action === 'rules' || action === 'set') return rules(call, subject)
    if (action !== undefined) {
      if (subject === undefined) throw new UsageError(`approvals ${action} expects <id>`, 'approvals')
      const reason = flags.text('reason')
      const done =
        action === 'show'
          ? await access.approval(subject, { signal })
          : action === 'approve'
            ? await access.approve(subject, { signal })
            : await access.refuse(subject, { signal, reason })
      if (output.isJson) output.json(done)
      else showOne(output, done)
      return 0
    }
    const status = statusOf(flags.text('status') ?? 'Pending')
    const found = await access.approvals({ signal, status })
    if (output.isJson) output.json({ results: found })
    else output.rows(found.map(toRow), columns)
    return 0
  },
}

async function rules({ words, client, output, signal }: CommandCall, file: string | undefined): Promise<number> {
  const { access } = client()
  if (words[0] === 'set' && file === undefined) throw new UsageError('approvals set expects <file>', 'approvals')
  const shown =
    words[0] === 'set'
      ? await access.setApprovalRules(readRules(file ?? ''), { signal })
      : await access.approvalRules({ signal })
  if (output.isJson) output.json({ approvals: shown })
  else
    output.rows(
      shown.map(({ name, ...parts }): Row => ({ name, applies: JSON.stringify(parts) })),
      ['name', 'applies'],
    )
  return 0
}

/** Takes the list alone, or the body of `PUT /rules`. The server checks the rules. */
function readRules(file: string): readonly ApprovalRule[] {
  const refuse = (expected: string) => new UsageError(`${file} expects ${expected}`, 'approvals')
  const read = parseJson(readFileSync(file, 'utf8'), () => refuse('JSON'))
  const rules = isPlainObject(read) ? read['approvals'] : read
  if (!Array.isArray(rules)) throw refuse('a list of rules, or {"approvals":[…]}')
  if (isPlainObject(read) && 'roles' in read) throw refuse('no roles: headlessly rules set takes them')
  return rules as ApprovalRule[]
}

function statusOf(text: string): Approval['status'] {
  const statuses = ['Pending', 'Approved', 'Refused', 'Outdated', 'Expired'] as const
  const known = statuses.find((name) => name === text)
  if (known === undefined) throw new UsageError(`--status expects one of ${statuses.join(', ')}`, 'approvals')
  return known
}

function toRow({ id, status, requestedBy, requestedAt, reasons, eventCount }: Approval): Row {
  return {
    id,
    status,
    requestedBy,
    requestedAt,
    calls: [...new Set(reasons.map(({ call }) => call))].join(),
    rules: [...new Set(reasons.map(({ rule }) => rule))].join(),
    eventCount,
  }
}

/** A line for each event that the commit makes, and for each field that it changes. */
function showOne(output: CommandCall['output'], approval: Approval): void {
  const { events = [], reasons: _reasons, ...rest } = approval
  output.record({ ...rest, ...toRow(approval) })
  const rows = events.flatMap(({ type, target, changes }): Row[] => [
    { event: type, id: target },
    ...Object.entries(changes).map(([field, { from, to }]): Row => ({
      event: '',
      id: '',
      field,
      from: JSON.stringify(from),
      to: JSON.stringify(to),
    })),
  ])
  if (rows.length > 0) output.rows(rows, ['event', 'id', 'field', 'from', 'to'])
}
