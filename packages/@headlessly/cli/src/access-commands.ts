// `whoami`, `members`, `rules` and `audit`: who calls, who works in the tenant, what each role may do, and who was refused.

import type { RolesInput } from '@headlessly/sdk'
import { isPlainObject, parseJson } from 'digital-objects'
import { readFileSync } from 'node:fs'
import type { Row } from './row.ts'
import type { Command, CommandCall } from './command.ts'
import type { Flag } from './flag.ts'
import { limit, listOptions } from './page-flags.ts'
import { asOf } from './read-flags.ts'
import { UsageError } from './usage-error.ts'

const membersMax = 1_000

const whoamiCommand: Command = {
  name: 'whoami',
  words: [],
  about: 'show who calls, with which key, and what that caller may do',
  example: 'whoami',
  flags: [],
  async run({ client, output, signal }) {
    const me = await client().access.whoami({ signal })
    if (output.isJson) output.json(me)
    else output.record({ ...me, nouns: JSON.stringify(me.nouns), others: JSON.stringify(me.others) })
    return 0
  },
}

const membersCommand: Command = {
  name: 'members',
  words: [],
  about: 'list the users of the tenant with their roles; change them with User.invite, User.update and User.suspend',
  example: 'members',
  flags: [],
  async run({ client, output, signal }) {
    const users = await client().User.find({}, { limit: membersMax, sort: 'email', signal })
    output.rows(
      users.map((user): Row => ({ ...user })),
      ['$id', 'name', 'email', 'role', 'status'],
    )
    if (users.hasMore) output.note(`there are more than ${membersMax} users: User.find lists them with --cursor`)
    return 0
  },
}

const flag = (name: string, placeholder: string, about: string): Flag => ({ name, kind: 'value', placeholder, about })

const rulesCommand: Command = {
  name: 'rules',
  words: ['[set|preview]', '[file]'],
  about: 'show what each role may do, replace it from a JSON file, or try such a file',
  example: 'rules preview roles.json --member user_1VbZ0kQ3x9Ta',
  flags: [
    { ...asOf, about: 'show the rules of a past time, or of the end of a day in UTC' },
    flag('member', '<id>', 'preview: what this user or agent would see'),
    flag('entity', '<id>', 'preview: the members who would see this entity, and by which rule'),
  ],
  async run(call) {
    const { words, flags, client, output, signal } = call
    const [action, file] = words
    if (action !== undefined && action !== 'set' && action !== 'preview')
      throw new UsageError(`rules expects set or preview, got '${action}'`, 'rules')
    if (action === 'preview') return preview(call, file)
    const { access } = client()
    if (action === 'set' && file === undefined) throw new UsageError('rules set expects <file>', 'rules')
    const time = flags.text('as-of')
    const roles =
      file === undefined
        ? await access.roles({ signal, ...(time === undefined ? {} : { asOf: time }) })
        : await access.setRoles(readRoles(file), { signal })
    if (output.isJson) output.json({ roles })
    else output.rows(Object.entries(roles).map(toRow), ['role', 'about', 'nouns', 'others'])
    return 0
  },
}

function toRow([role, { about = '', nouns, others }]: readonly [
  string,
  { about?: string; nouns: object; others: object },
]): Row {
  return { role, about, nouns: JSON.stringify(nouns), others: JSON.stringify(others) }
}

async function preview({ flags, client, output, signal }: CommandCall, file: string | undefined): Promise<number> {
  const [member, entity] = [flags.text('member'), flags.text('entity')]
  const options = { signal, ...(file === undefined ? {} : { roles: readRoles(file) }) }
  if ((member === undefined) === (entity === undefined))
    throw new UsageError('rules preview expects either --member or --entity', 'rules')
  if (member !== undefined) {
    const seen = await client().access.seenBy(member, options)
    if (output.isJson) output.json(seen)
    else
      output.rows(
        Object.entries(seen.nouns).map(([type, { visible, ...granted }]): Row => ({
          type,
          visible,
          ...Object.fromEntries(Object.entries(granted).map(([name, value]) => [name, JSON.stringify(value)])),
        })),
        ['type', 'visible', 'read', 'write', 'hidden', 'verbs'],
      )
    return 0
  }
  const who = await client().access.whoSees(entity ?? '', options)
  if (output.isJson) output.json(who)
  else
    output.rows(
      who.members.map((one): Row => ({ ...one, read: JSON.stringify(one.read), hidden: one.hidden.join() })),
      ['member', 'name', 'role', 'read', 'hidden'],
    )
  return 0
}

/** Takes `{ "Sales": {...} }`, or the same inside `{ "roles": ... }`. */
function readRoles(file: string): RolesInput {
  const value = parseJson(readFileSync(file, 'utf8'), () => new UsageError(`${file} expects JSON`, 'rules'))
  if (!isPlainObject(value)) throw new UsageError(`${file} expects an object of roles`, 'rules')
  const { roles = value } = value
  // The server checks it.
  return roles as RolesInput
}

const auditCommand: Command = {
  name: 'audit',
  words: [],
  about: 'list sign-ins, refusals and changes of rights, newest first',
  example: 'audit --kind forbidden',
  flags: [
    flag('kind', '<kind>', 'list entries of this kind, such as forbidden or rights_changed'),
    flag('actor', '<id>', 'list entries of this actor'),
    limit,
    flag('cursor', '<cursor>', 'continue after an earlier page'),
  ],
  async run({ flags, client, output, signal }) {
    const [kind, actor, cursor] = (['kind', 'actor', 'cursor'] as const).map((name) => flags.text(name))
    const page = await client().access.audit({ kind, actor, cursor, ...listOptions(flags), signal })
    if (output.isJson) output.json(page)
    else
      output.rows(
        page.results.map((entry): Row => ({ ...entry })),
        auditColumns,
      )
    if (page.hasMore) output.note(`continue with --cursor ${page.cursor}`)
    return 0
  },
}

const auditColumns = ['at', 'kind', 'count', 'actor', 'key', 'about', 'target', 'reason']

export const accessCommands: readonly Command[] = [whoamiCommand, membersCommand, rulesCommand, auditCommand]
