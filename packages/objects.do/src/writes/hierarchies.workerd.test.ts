// Hierarchies on the real object: whatever is written, and however many writers there are, no entity comes under itself.

import { env } from 'cloudflare:test'
import { type Entity, nouns, serviceNouns } from 'digital-objects'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ask } from '../../test/ask-tenant.ts'
import { EntitiesOf } from '../../test/entities-of.ts'
import { caller } from '../../test/generated-tenant.ts'
import { putName } from './schema-write.ts'

const runs = Number(process.env['RUNS'] ?? 6)

/** Two contacts may look after each other. */
const networks = ['Contact.assignee']

test('each reference of a built-in Noun to itself is a hierarchy, or known to be none', () => {
  const own = Object.values({ ...nouns, ...serviceNouns }).flatMap(({ $schema: { name, fields, definition } }) =>
    Object.values(fields).flatMap((field) => {
      const isOwn = field.kind === 'reference' && !field.many && (field.any === true || field.to.includes(name))
      return isOwn ? [{ place: `${name}.${field.name}`, rules: definition.bounds, rule: `acyclic ${field.name}` }] : []
    }),
  )
  expect(own.map(({ place }) => place)).toEqual(
    expect.arrayContaining(['Organization.parent', 'Contact.manager', 'Goal.parent', 'Comment.about']),
  )
  for (const { place, rules, rule } of own) if (!networks.includes(place)) expect(rules, place).toContain(rule)
})

const hierarchies = [
  { noun: 'Contact', field: 'manager', body: { name: 'x' } },
  { noun: 'Organization', field: 'parent', body: { name: 'x' } },
  { noun: 'Goal', field: 'parent', body: { name: 'x', target: 1 } },
  { noun: 'Comment', field: 'about', body: { body: 'x' } },
  { noun: 'Box', field: 'inside', body: { label: 'x' } },
] as const
const size = 4
const member = fc.nat({ max: size - 1 })
const move = fc.record({ from: member, to: fc.option(member) })
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('update' as const), moves: fc.tuple(move) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('batch' as const), moves: fc.array(move, { maxLength: 4 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('at once' as const), moves: fc.array(move, { maxLength: 4 }) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('undo' as const), back: fc.nat({ max: 5 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('rollback' as const), of: member, version: fc.nat({ max: 4 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('merge' as const), of: member, from: member }) },
)

test('generated moves, batches, writes at once, undos, rollbacks and merges leave no circle', async () => {
  const counts = { refused: 0, made: 0 }
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...hierarchies),
      fc.array(step, { minLength: 16, maxLength: 24 }),
      async (of, steps) => {
        const { noun, field, body } = of
        const stub = env.TENANTS.get(env.TENANTS.newUniqueId())
        const tenant = new EntitiesOf(stub, caller)
        if (noun === 'Box')
          await ask(stub, caller, {
            kind: 'write',
            noun: 'Box',
            verb: putName,
            body: JSON.stringify({
              fields: { label: 'string!', inside: '-> Box.contents', contents: '<- Box.inside[]' },
              bounds: ['acyclic inside'],
            }),
          })
        const ids: string[] = []
        for (let at = 0; at < size; at++) ids.push((await tenant.write(`${noun}.create`, body)).$id)
        const update = ({ from, to }: { readonly from: number; readonly to: number | null }) =>
          tenant.codeOf(`${noun}.update`, { [field]: to === null ? null : ids[to] }, { id: ids[from] ?? '' })
        for (const one of steps) {
          const above = parentsOf(await tenant.list(noun), field)
          switch (one.kind) {
            case 'update': {
              const [{ from, to }] = one.moves
              const isCircle = to !== null && pathOf(above, ids[to]).includes(ids[from] ?? '')
              const isLive = above.has(ids[from] ?? '') && (to === null || above.has(ids[to] ?? ''))
              const code = await update({ from, to })
              if (isLive) expect(code).toBe(isCircle ? 'conflict' : 'ok')
              counts[code === 'ok' ? 'made' : 'refused']++
              break
            }
            case 'at once':
              await Promise.all(one.moves.map(update))
              break
            case 'batch': {
              const operations = one.moves.map(({ from, to }) => ({
                method: 'PATCH',
                path: `/${noun}/${ids[from]}`,
                body: { [field]: to === null ? null : ids[to] },
              }))
              await ask(stub, caller, { kind: 'write', noun: '', verb: 'batch', body: JSON.stringify({ operations }) })
              break
            }
            case 'undo': {
              const commits = (await tenant.events()).map(({ commit }) => commit)
              await undo(stub, commits.at(-1 - one.back))
              break
            }
            case 'rollback':
              await tenant.send(`${noun}.rollback`, { version: one.version + 1 }, { id: ids[one.of] ?? '' })
              break
            default:
              if (noun === 'Contact')
                await tenant.send('Contact.merge', { from: ids[one.from] }, { id: ids[one.of] ?? '' })
          }
          const after = parentsOf(await tenant.list(noun), field)
          for (const id of after.keys()) expect(pathOf(after, after.get(id)), one.kind).not.toContain(id)
        }
      },
    ),
    { numRuns: runs },
  )
  expect(counts.refused).toBeGreaterThan(0)
  expect(counts.made).toBeGreaterThan(0)
})

function undo(stub: Parameters<typeof ask>[0], commit: number | undefined): ReturnType<typeof ask> {
  return ask(stub, caller, { kind: 'write', noun: '', verb: 'commits.undo', id: String(commit), body: '' })
}

function parentsOf(entities: readonly Entity[], field: string): ReadonlyMap<string, string | undefined> {
  return new Map(entities.map((one) => [one.$id, typeof one[field] === 'string' ? one[field] : undefined]))
}

/** Returns the entity and all above it. */
function pathOf(parents: ReadonlyMap<string, string | undefined>, start: string | undefined): readonly string[] {
  const path: string[] = []
  for (let id = start; id !== undefined && !path.includes(id); id = parents.get(id)) path.push(id)
  return path
}

test('an undo that would put an entity under itself names the rule', async () => {
  const stub = env.TENANTS.get(env.TENANTS.newUniqueId())
  const tenant = new EntitiesOf(stub, caller)
  const one = (await tenant.write('Contact.create', { name: 'Ada' })).$id
  const other = (await tenant.write('Contact.create', { name: 'Bo', manager: one })).$id
  await tenant.write('Contact.update', { manager: null }, { id: other })
  const commit = (await tenant.events()).at(-1)?.commit
  await tenant.write('Contact.update', { manager: other }, { id: one })
  expect(await undo(stub, commit)).toMatchObject({
    ok: false,
    error: {
      code: 'undo_conflict',
      message: `the undo conflicts with what happened since: Contact '${other}': a rule refuses the earlier value of manager now`,
      detail: { conflicts: [{ reason: 'refused', field: 'manager', then: one }] },
    },
  })
})

test('a history that closes a circle is refused, and a refusal names the field', async () => {
  const stub = env.TENANTS.get(env.TENANTS.newUniqueId())
  const tenant = new EntitiesOf(stub, caller)
  const line = (type: string, target: string, data: object) =>
    JSON.stringify({ timestamp: '2020-01-01T00:00:00Z', type, target, data })
  const lines = [
    line('Organization.Created', 'a', { name: 'A' }),
    line('Organization.Created', 'b', { name: 'B', parent: 'a' }),
    line('Organization.Updated', 'a', { parent: 'b' }),
  ]
  const loaded = await ask(stub, caller, {
    kind: 'write',
    noun: '',
    verb: 'history.load',
    id: '1',
    body: lines.join('\n'),
  })
  expect(loaded).toMatchObject({ ok: false, error: { code: 'conflict' } })
  const one = await tenant.write('Contact.create', { name: 'Ada' })
  expect(await tenant.send('Contact.update', { manager: one.$id }, { id: one.$id })).toMatchObject({
    ok: false,
    error: {
      code: 'conflict',
      field: 'manager',
      message: `Contact.update: field 'manager' would put '${one.$id}' under itself`,
      detail: { reason: 'cycle' },
    },
  })
})
