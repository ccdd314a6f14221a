// The rules that apply to all reads.

import { fullAuthority } from 'digital-objects'
import { env } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { askRead } from '../../test/ask-tenant.ts'
import { operations } from '../calls/operations.ts'

const caller = {
  tenant: 'reads',
  context: 'http://localhost/~reads',
  authority: fullAuthority('anonymous'),
  via: 'rest',
} as const
const reads = operations.filter(({ kind }) => kind === 'read').map(({ name }) => name)

test.each(reads)('%s refuses an unknown parameter, and a `strong` that is neither true nor false', async (read) => {
  const stub = env.TENANTS.get(env.TENANTS.newUniqueId())
  const noun = { members: 'Segment', analysis: 'Funnel' }[read] ?? 'Contact'
  const about = { read, noun, id: read === 'commit' ? '1' : `${noun.toLowerCase()}_000000000000` }
  for (const parameters of [{ nonsense: '1' }, { strong: 'perhaps' }]) {
    const [field] = Object.keys(parameters)
    const answer = await askRead(stub, caller, { ...about, parameters })
    expect(answer, JSON.stringify(parameters)).toMatchObject({ ok: false, error: { field } })
  }
})
