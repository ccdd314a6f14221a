// Metrics, segments, flags and funnels, asked by callers with generated authorities, compared with a model that first filters all
// data by the authority.

import { compileRegex } from '@dotdo/do'
import { compileAuthority, type Entity, matches, ObjectError, parseAuthority, parseFilter } from 'digital-objects'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { relatedAmong } from '../../../@dotdo/db/test/generated-authority.ts'
import { askRead, askWrite, type ReadGiven } from '../../test/ask-tenant.ts'
import {
  caller as fullCaller,
  filterOf,
  type GeneratedTenant,
  type Kind,
  kinds,
  lookup,
  makeTenant,
  type Moment,
  type World,
} from '../../test/generated-tenant.ts'
import { type RestrictedCaller, restrictedCallers, visibleWorld } from '../../test/restricted-callers.ts'

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))
const callersEach = Number(process.env['RUNS'] ?? 4)
const open = { read: 'all', write: 'none', hidden: [], verbs: [] } as const
let tenant: GeneratedTenant
let present: World
let callers: readonly RestrictedCaller[]

beforeAll(async () => {
  tenant = await makeTenant(seed)
  present = (tenant.history.at(-1) as Moment).world
  const contactIds = [...present.values()].filter(({ $type }) => $type === 'Contact').map(({ $id }) => $id)
  callers = restrictedCallers({ seed, count: callersEach, contactIds }).map(withDefinitions)
})

/** Everybody sees segments, flags and funnels, so that what differs is what these are about. */
function withDefinitions({ authority }: RestrictedCaller): RestrictedCaller {
  const added = Object.fromEntries(['Segment', 'FeatureFlag', 'Funnel'].map((name) => [name, open]))
  const wider = parseAuthority(JSON.stringify({ ...authority, nouns: { ...authority.nouns, ...added } }))
  return {
    caller: { ...fullCaller, authority: wider },
    authority: wider,
    visibility: compileAuthority(wider, lookup).visibility,
  }
}

/** Returns undefined for a refusal. */
async function read<Body>({ caller }: Pick<RestrictedCaller, 'caller'>, given: ReadGiven): Promise<Body | undefined> {
  const answer = await askRead(tenant.stub, caller, given)
  return answer.ok ? (JSON.parse(answer.body) as Body) : undefined
}

async function make(noun: string, fields: object): Promise<string> {
  const answer = await askWrite(tenant.stub, fullCaller, { noun, verb: 'create', body: JSON.stringify(fields) })
  if (!answer.ok) throw new ObjectError(answer.error)
  return (JSON.parse(answer.body) as Entity).$id
}

/** The visible entities that match; undefined if the filter names what the caller cannot see. */
function chosen(
  kind: Kind,
  filter: object,
  { world, of }: { readonly world: World; readonly of: RestrictedCaller },
): readonly Entity[] | undefined {
  const schema = of.visibility.lookup(kind)
  if (schema === undefined) return undefined
  try {
    const parsed = parseFilter(filter, { schema, lookup: of.visibility.lookup })
    const context = { related: relatedAmong([...world.values()]), regex: compileRegex, searchable: schema.searchable }
    return [...world.values()].filter((entity) => entity.$type === kind && matches(parsed, entity, context))
  } catch (error) {
    if (error instanceof ObjectError) return undefined
    throw error
  }
}

const sees = ({ visibility }: RestrictedCaller, kind: Kind, ...fields: readonly string[]): boolean => {
  const schema = visibility.lookup(kind)
  return schema !== undefined && fields.every((field) => Object.hasOwn(schema.fields, field))
}

describe(`seed ${seed}`, () => {
  test('a metric counts and sums what is visible, now and at past times, and is refused where it reads what is hidden', async () => {
    const open = { stage: { $nin: ['Closed', 'Won', 'Lost'] } }
    const levels = [
      { name: 'contacts', kind: 'Contact', filter: {}, reads: [] },
      { name: 'leads', kind: 'Contact', filter: { stage: 'Lead' }, reads: ['stage'] },
      { name: 'deals_open', kind: 'Deal', filter: open, reads: [] },
      { name: 'pipeline', kind: 'Deal', filter: open, reads: ['value'] },
    ] as const
    const seen = { answered: 0, refused: 0, fewer: 0 }
    for (const of of callers)
      for (const moment of [tenant.history[1], tenant.history.at(-1)] as readonly Moment[]) {
        const world = visibleWorld(moment.world, of.authority)
        for (const { name, kind, filter, reads } of levels) {
          const parameters = moment.asOf === undefined ? {} : { asOf: moment.asOf }
          const answer = await read<{ value: number | null }>(of, { read: 'metric', id: name, parameters })
          const label = JSON.stringify([name, parameters, of.authority])
          const wanted = sees(of, kind, ...reads) ? chosen(kind, filter, { world, of }) : undefined
          if (wanted === undefined) {
            expect(answer, label).toBeUndefined()
            seen.refused++
            continue
          }
          const values = wanted.map((deal) => (name === 'pipeline' ? Number(deal['value']) : 1))
          const sum = values.reduce((all, value) => all + value, 0)
          const size = values.reduce((all, value) => all + Math.abs(value), 0)
          expect(Math.abs(Number(answer?.value) - sum), label).toBeLessThanOrEqual(1e-13 * size)
          seen.answered++
          if (wanted.length < (chosen(kind, filter, { world: moment.world, of })?.length ?? 0)) seen.fewer++
        }
      }
    expect(Math.min(seen.answered, seen.refused + seen.fewer)).toBeGreaterThan(0)
  })

  test('all metrics leave out those that read what is hidden, and agree with each alone', async () => {
    let compared = 0
    for (const of of callers.slice(0, 3)) {
      const all = await read<Readonly<Record<string, Readonly<Record<string, number | null>> | string>>>(of, {
        read: 'metrics',
      })
      const groups = Object.values(all ?? {}).filter((group) => typeof group === 'object')
      const listed = new Map(groups.flatMap((group) => Object.entries(group)))
      for (const name of ['contacts', 'leads', 'deals_open', 'pipeline', 'weighted_pipeline', 'win_rate']) {
        const alone = await read<{ value: number | null }>(of, { read: 'metric', id: name })
        expect(listed.get(name) ?? undefined, name).toEqual(alone?.value ?? undefined)
        compared++
      }
    }
    expect(compared).toBeGreaterThan(10)
  })

  test('the members of a segment are visible entities, and criteria on hidden fields are refused', async () => {
    const seen = { members: 0, refused: 0 }
    const generated = kinds.flatMap((kind, at) =>
      fc.sample(filterOf(kind), { seed: seed + at, numRuns: 4 }).map((filter) => ({ kind, filter })),
    )
    for (const { kind, filter } of generated) {
      const criteria = { type: kind, filter }
      const id = await make('Segment', { name: `of ${kind}`, criteria })
      for (const of of callers) {
        const world = visibleWorld(present, of.authority)
        const wanted = chosen(kind, filter, { world, of })
        const parameters = { limit: '100', count: 'exact' }
        const page = await read<{ results: readonly Entity[]; total: number }>(of, {
          read: 'members',
          noun: 'Segment',
          id,
          parameters,
        })
        const label = JSON.stringify([criteria, of.authority])
        expect(page?.results.map(({ $id }) => $id).toSorted(), label).toEqual(wanted?.map(({ $id }) => $id).toSorted())
        expect(page?.total, label).toBe(wanted?.length)
        for (const entity of page?.results ?? []) expect(entity, label).toEqual(world.get(entity.$id))
        if (wanted === undefined) seen.refused++
        seen.members += wanted?.length ?? 0
      }
    }
    expect(Math.min(seen.members, seen.refused)).toBeGreaterThan(0)
  })

  test('a flag depends on nothing that is hidden', async () => {
    const contacts = [...present.values()].filter(({ $type }) => $type === 'Contact').slice(0, 8)
    const segment = await make('Segment', { name: 'leads', criteria: { stage: 'Lead' } })
    const rules = [
      {
        key: 'by-stage',
        targetingRules: [{ attribute: 'stage', operator: 'in', values: ['Lead', 'Customer'], value: 'seen' }],
      },
      { key: 'by-segment', targetingRules: [{ type: 'segment', value: segment, variant: 'seen' }] },
    ]
    for (const rule of rules)
      await make('FeatureFlag', { ...rule, type: 'String', defaultValue: 'plain', status: 'Enabled' })
    const seen = { seen: 0, plain: 0 }
    for (const of of callers) {
      const world = visibleWorld(present, of.authority)
      for (const { $id } of contacts)
        for (const key of ['by-stage', 'by-segment']) {
          const stage = sees(of, 'Contact', 'stage') ? world.get($id)?.['stage'] : undefined
          const isSeen = stage === 'Lead' || (key === 'by-stage' && stage === 'Customer')
          const answer = await read<{ value: string }>(of, { read: 'flag', id: key, parameters: { contact: $id } })
          expect(answer?.value, JSON.stringify([key, $id, of.authority])).toBe(isSeen ? 'seen' : 'plain')
          seen[isSeen ? 'seen' : 'plain']++
        }
    }
    expect(Math.min(seen.seen, seen.plain)).toBeGreaterThan(0)
  })

  test('a funnel counts visible entities, and steps on hidden fields are refused', async () => {
    const funnel = await make('Funnel', {
      name: 'contacts with deals',
      steps: [
        { name: 'contact', from: 'Contact', unit: '$id' },
        { name: 'deal', from: 'Deal', unit: 'contact', at: '$createdAt' },
      ],
    })
    const seen = { units: 0, refused: 0 }
    for (const of of callers) {
      const world = visibleWorld(present, of.authority)
      const answer = await read<{ steps: readonly { count: number }[] }>(of, {
        read: 'analysis',
        noun: 'Funnel',
        id: funnel,
      })
      const label = JSON.stringify(of.authority)
      if (!sees(of, 'Contact') || !sees(of, 'Deal', 'contact')) {
        expect(answer, label).toBeUndefined()
        seen.refused++
        continue
      }
      const contacts = [...world.values()].filter(({ $type }) => $type === 'Contact')
      const withDeal = contacts.filter(({ $id, $createdAt }) =>
        [...world.values()].some(
          (deal) => deal.$type === 'Deal' && deal['contact'] === $id && deal.$createdAt >= $createdAt,
        ),
      )
      expect(
        answer?.steps.map(({ count }) => count),
        label,
      ).toEqual([contacts.length, withDeal.length])
      seen.units += withDeal.length
    }
    expect(seen.units + seen.refused).toBeGreaterThan(0)
  })
})
