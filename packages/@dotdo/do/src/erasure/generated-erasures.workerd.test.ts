// Generated tenants, histories and erasures, with processes that die at any line: afterwards nothing that was planted for the
// person is stored, everything else is as a model says, and an erasure that was cut off ends the same way.

import { FaultyObjectStore, MemoryObjectStore, type ObjectStore } from '@dotdo/db'
import { type EntityFields, Noun, type NounSchema, personalMarks, withoutPersonal } from 'digital-objects'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Flushed, inFlushedStore } from '../../test/flushed-store.ts'
import { placesWith } from '../../test/stored-texts.ts'

const runs = Number(process.env['RUNS'] ?? 3)

const Person = Noun('Person', {
  name: 'string! personal',
  code: 'string?## personal',
  words: 'string[]# personal',
  story: 'text? personal',
  city: 'string?#',
  paid: 'number?',
  visits: '<- Visit.person[]',
  nursed: '<- Visit.nurse[]',
  notes: '<- Note.about[]',
}).$schema
const Visit = Noun('Visit', {
  findings: 'string! personal',
  kind: 'A | B',
  fee: 'number?',
  person: '-> Person.visits personal',
  nurse: '-> Person.nursed',
  remarks: '<- Note.visit[]',
}).$schema
const Note = Noun('Note', {
  body: 'text! personal',
  about: '-> Person.notes[] personal',
  visit: '-> Visit.remarks personal',
  rank: 'number?',
}).$schema
const schemas: readonly NounSchema[] = [Person, Visit, Note]
const marks = new Map(schemas.map((schema) => [schema.name, personalMarks(schema)]))
const settings = { keptEvents: 4, sealedEvents: 3, graceMs: 1_000 } as const

type Step =
  | { readonly kind: 'write'; readonly isNew: boolean; readonly noun: number; readonly at: number; readonly to: number }
  | { readonly kind: 'remove'; readonly at: number }
  | { readonly kind: 'drain' }
  | { readonly kind: 'search' }
  | { readonly kind: 'restart' }

const at = fc.nat({ max: 9 })
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      isNew: fc.boolean(),
      noun: fc.nat({ max: 2 }),
      at,
      to: at,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), at }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom<Step>({ kind: 'drain' }, { kind: 'search' }, { kind: 'restart' }),
  },
)

/** Entities of the tenant, with all ids that each has referred to by a marked reference. */
class Model {
  readonly all: {
    readonly id: string
    readonly noun: string
    readonly links: Set<string>
    isLive: boolean
    fields: EntityFields
  }[] = []

  of(noun: string): { readonly id: string; readonly isLive: boolean }[] {
    return this.all.filter((one) => one.noun === noun && one.isLive)
  }

  reach(root: string): ReadonlySet<string> {
    const reached = new Set([root])
    for (let size = 0; size < reached.size;) {
      size = reached.size
      for (const { id, links } of this.all) if ([...links].some((link) => reached.has(link))) reached.add(id)
    }
    return reached
  }
}

let planted = 0
/** A word that no other value contains. */
const secret = (): string => `qzv${(planted++).toString(36)}x`

class Run {
  flushed: Flushed
  readonly model = new Model()
  readonly secrets = new Map<string, string[]>()

  constructor(flushed: Flushed) {
    this.flushed = flushed
  }

  async make(one: Step): Promise<void> {
    const { flushed, model } = this
    if (one.kind !== 'write' && model.all.length === 0) return
    if (one.kind === 'drain') return flushed.drain()
    if (one.kind === 'restart') return void (this.flushed = flushed.restart())
    if (one.kind === 'search') return flushed.store.reading(() => flushed.store.text.require(flushed.store.events.head))
    if (one.kind === 'remove') return this.#remove(one.at)
    const schema = schemas[one.noun] ?? Person
    const target = !one.isNew ? model.of(schema.name)[one.at] : undefined
    const [words, fields] = this.#fields(schema, one)
    const write =
      target === undefined ? await flushed.create(fields, schema) : await flushed.update(target.id, fields, schema)
    const id = write.row.target
    this.secrets.set(id, [...(this.secrets.get(id) ?? []), ...words])
    const known = model.all.find((entity) => entity.id === id)
    const links = linksIn(schema, fields)
    if (known === undefined) model.all.push({ id, noun: schema.name, links: new Set(links), isLive: true, fields })
    else {
      known.fields = { ...known.fields, ...fields }
      for (const link of links) known.links.add(link)
    }
  }

  async #remove(index: number): Promise<void> {
    const live = this.model.of('Note')[index]
    if (live === undefined) return
    await this.flushed.remove(live.id, Note)
    const known = this.model.all.find(({ id }) => id === live.id)
    if (known !== undefined) known.isLive = false
  }

  #fields(
    schema: NounSchema,
    { at: n, to }: { readonly at: number; readonly to: number },
  ): readonly [readonly string[], EntityFields] {
    const [one, two] = [secret(), secret()]
    const person = this.model.of('Person')[to]?.id
    const visit = this.model.of('Visit')[to]?.id
    if (schema === Person)
      return [
        [one, two],
        {
          name: one,
          city: `c${n}`,
          paid: n,
          ...(n % 2 === 0 ? { code: two } : { words: [two, `w${n}`] }),
          ...(n % 3 === 0 ? { story: `${two} and ${one}` } : {}),
        },
      ]
    if (schema === Visit)
      return [
        [one],
        {
          findings: one,
          fee: n,
          kind: n % 2 === 0 ? 'A' : 'B',
          ...(person === undefined ? {} : n % 2 === 0 ? { person } : { nurse: person }),
        },
      ]
    return [
      [one],
      {
        body: `${one} said`,
        rank: n,
        ...(person === undefined || n % 2 === 0 ? {} : { about: [person] }),
        ...(visit === undefined ? {} : { visit }),
      },
    ]
  }
}

function linksIn(schema: NounSchema, fields: EntityFields): readonly string[] {
  return (marks.get(schema.name)?.links ?? []).flatMap(({ name }) => {
    const value = fields[name]
    return Array.isArray(value) ? value.map(String) : value === undefined ? [] : [String(value)]
  })
}

/** Lets the process die after some steps of its jobs, and after one whose store was down. */
async function eraseWithDeaths(
  run: Run,
  root: string,
  { deaths, store }: { readonly deaths: readonly number[]; readonly store: FaultyObjectStore },
): Promise<string> {
  const { id } = run.flushed.store.erasures.ask({ ids: [root], actor: 'user_1', reason: undefined })
  for (const steps of deaths) {
    for (let n = 0; n < steps; n++) await run.flushed.run()
    store.isDown = true
    await run.flushed.run()
    store.isDown = false
    run.flushed = run.flushed.restart()
  }
  await run.flushed.drain()
  return id
}

test(`what was planted for a person is nowhere, and the rest is as before (${runs} runs)`, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 10, maxLength: 40 }),
      at,
      fc.array(fc.nat({ max: 6 }), { maxLength: 3 }),
      fc.nat(),
      async (steps, chosen, deaths, seed) => {
        const files = new MemoryObjectStore()
        const store = new FaultyObjectStore(files, { seed })
        await inFlushedStore(
          async (first) => {
            const run = new Run(first)
            for (const one of steps) await run.make(one)
            const people = run.model.all.filter(({ noun }) => noun === 'Person')
            const root = people[chosen % Math.max(1, people.length)]?.id
            if (root === undefined) return
            const reached = run.model.reach(root)
            const id = await eraseWithDeaths(run, root, { deaths, store })
            await check(run, reached, files)
            expect(run.flushed.store.erasures.find(id)).toMatchObject({ stage: 'done' })
            expect(
              new Set(run.flushed.store.erasures.entities(id, { after: '', limit: 1_000 }).map((one) => one.id)),
            ).toEqual(reached)
          },
          { schemas, settings, files: store },
        )
      },
    ),
    { numRuns: runs },
  )
}, 3_600_000)

async function check(run: Run, reached: ReadonlySet<string>, files: ObjectStore): Promise<void> {
  const { store, storage } = run.flushed
  const stored = { sql: storage.sql, files }
  for (const [id, words] of run.secrets) {
    for (const word of words) {
      const places = reached.has(id) ? await placesWith(word, stored) : []
      expect(places, `${word} of ${id}`).toEqual([])
    }
  }
  for (const { id, noun, isLive, fields } of run.model.all) {
    const table = store.state.table(noun)
    const of = marks.get(noun)
    if (table === undefined || of === undefined) throw new Error(`no table of ${noun}`)
    const now = store.state.get(table, id)?.fields
    if (isLive) expect(now).toMatchObject(reached.has(id) ? withoutPersonal(fields, { marks: of, id }) : fields)
    else expect(now).toBeUndefined()
    if (isLive && reached.has(id))
      expect(Object.keys(now ?? {}).filter((name) => of.values.get(name)?.required === false)).toEqual([])
  }
  await store.reading(() => store.text.require(store.events.head))
  expect(await store.verify()).toMatchObject({ isWhole: true, faults: [] })
  await store.rebuild()
  expect(await store.verify()).toMatchObject({ isWhole: true, faults: [] })
}
