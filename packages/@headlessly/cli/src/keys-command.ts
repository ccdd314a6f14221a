// `keys`: makes a key, lists the keys, and revokes one. A key is an `ApiKey`; its secret is printed once.

import type { Row } from './row.ts'
import type { Command, CommandCall } from './command.ts'
import { UsageError } from './usage-error.ts'

const listed = ['$id', 'name', 'keyPrefix', 'owner', 'scopes', 'status', 'expiresAt', 'lastUsedAt'] as const
const listedMax = 1_000

export const keysCommand: Command = {
  name: 'keys',
  words: ['[create|revoke]', '[name or id]'],
  about: 'list the keys of the tenant, make one, or revoke one at once',
  example: 'keys create CI --scopes read,write:content',
  flags: [
    { name: 'owner', kind: 'value', placeholder: '<id>', about: 'create: the user or agent who calls with the key' },
    {
      name: 'scopes',
      kind: 'value',
      placeholder: '<scope,…>',
      about: 'create: read, write, verb or admin, each :domain or :Type',
    },
    { name: 'kind', kind: 'value', placeholder: '<kind>', about: 'create: Secret, Public, Admin or Session' },
    {
      name: 'expires',
      kind: 'value',
      placeholder: '<time>',
      about: 'create: when the key expires, 2027-01-15T10:00:00Z',
    },
  ],
  async run(call) {
    const { words, flags } = call
    const [action, word] = words
    const isCreation = action === 'create'
    if (!isCreation && ['owner', 'scopes', 'kind', 'expires'].some((flag) => flags.text(flag) !== undefined))
      throw new UsageError('--owner, --scopes, --kind and --expires are for keys create', 'keys')
    if (action === undefined) return listKeys(call)
    if (!isCreation && action !== 'revoke')
      throw new UsageError(`keys expects create or revoke, got '${action}'`, 'keys')
    if (word === undefined) throw new UsageError(`keys ${action} expects ${isCreation ? '<name>' : '<id>'}`, 'keys')
    return isCreation ? createKey(call, word) : revokeKey(call, word)
  },
}

async function listKeys({ client, output, signal }: CommandCall): Promise<number> {
  const keys = await client().ApiKey.find({}, { limit: listedMax, signal })
  output.rows(
    keys.map((key): Row => ({ ...key })),
    [...listed],
  )
  if (keys.hasMore) output.note(`there are more than ${listedMax} keys: ApiKey.find lists them with --cursor`)
  return 0
}

async function createKey({ client, flags, output, signal }: CommandCall, name: string): Promise<number> {
  const given = { owner: flags.text('owner'), scopes: flags.text('scopes'), kind: flags.text('kind') }
  const expiresAt = flags.text('expires')
  const fields = Object.entries({ ...given, expiresAt }).filter(([, value]) => value !== undefined)
  // The server checks them.
  const input = { name, ...Object.fromEntries(fields) } as Parameters<ReturnType<typeof client>['ApiKey']['create']>[0]
  const made = await client().ApiKey.create(input, { signal })
  if (output.isJson) output.json({ ...made })
  else output.record({ $id: made.$id, key: made.key ?? 'made before: its answer was lost, so revoke it' })
  output.note('the key is shown once, and stored nowhere: keep it now')
  return 0
}

async function revokeKey({ client, output, signal }: CommandCall, id: string): Promise<number> {
  const revoked = await client().ApiKey.revoke(id, {}, { signal })
  if (output.isJson) output.json({ ...revoked })
  else output.line(`revoked ${id}`)
  return 0
}
