// The rules that apply to all reads.

import { fullAuthority, nouns } from 'digital-objects'
import { env } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { askRead } from '../../test/ask-tenant.ts'
import { routeCall } from '../calls/http-routes.ts'
import { operations } from '../calls/operations.ts'

const caller = {
  tenant: 'reads',
  context: 'http://localhost/~reads',
  authority: fullAuthority('anonymous'),
  via: 'rest',
} as const
const all = operations.filter(({ kind }) => kind === 'read')
const reads = all.map(({ name }) => name)
const everyParameter = [
  ...new Set(
    all.flatMap(({ parameters }) =>
      Object.entries(parameters).flatMap(([name, at]) => (at.in === undefined ? [name] : [])),
    ),
  ),
]

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

/** The entities with an analysis, and those without parameters of their own. */
const nounsOf = (read: string): readonly (keyof typeof nouns)[] =>
  read === 'analysis' ? ['Funnel', 'Goal', 'Experiment'] : [read === 'members' ? 'Segment' : 'Contact']

test.each(all)('$name refuses each parameter that other reads have and that has no effect on it', async (read) => {
  const stub = env.TENANTS.get(env.TENANTS.newUniqueId())
  for (const name of nounsOf(read.name)) {
    const noun = nouns[name].$schema
    const applies = (parameter: string): boolean => {
      const own = read.parameters[parameter]
      const isField = read.takesFields === true && Object.hasOwn(noun.fields, parameter)
      return isField || (own !== undefined && own.in === undefined && own.isOffered?.(noun) !== false)
    }
    const ignored = everyParameter.filter((parameter) => !applies(parameter))
    expect(ignored.length).toBeGreaterThan(5)
    for (const parameter of ignored) {
      const call = { read: read.name, noun: name, id: read.name === 'commit' ? '1' : `${noun.idPrefix}_000000000000` }
      const answer = await askRead(stub, caller, { ...call, parameters: { [parameter]: '1' } })
      expect(answer, `${name} ${parameter}`).toMatchObject({ ok: false, error: { field: parameter } })
      if (!answer.ok) expect(answer.error.code).toMatch(/^invalid_/)
    }
  }
})

test.each([
  ['metric', { id: 'mrr', parameters: { compare: 'previous' } }, 'compare'],
  ['events', { parameters: { after: '1', cursor: '2' } }, 'after'],
])('%s refuses a parameter that has no effect beside the others', async (read, about, field) => {
  const stub = env.TENANTS.get(env.TENANTS.newUniqueId())
  const answer = await askRead(stub, caller, { read, ...about })
  expect(answer).toMatchObject({ ok: false, error: { code: 'invalid_parameter', field } })
})

test('a command and a write refuse all parameters but their own', () => {
  const at = (method: string, path: string): unknown =>
    routeCall({ method, segments: path.slice(1).split('/'), parameters: { noun: 'Deal' } })
  for (const { kind, routes } of operations)
    for (const { methods, path } of kind === 'read' ? [] : routes)
      for (const method of methods)
        expect(() => at(method, path.replace('{Noun}', 'Contact').replace('{verb}', 'qualify')), path).toThrow(
          "unknown parameter 'noun'",
        )
})
