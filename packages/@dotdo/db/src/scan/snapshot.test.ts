import { nouns, Noun, type NounSchema, parseFilter, parseSort } from 'digital-objects'
import { beforeAll, describe, expect, test } from 'vitest'
import { fileCache, manifestOf, putLayers } from '../../test/tenant-layers.ts'
import { lookup, nthId, schemas } from '../../test/tenant-nouns.ts'
import { regex } from '../../test/tenant-queries.ts'
import { type LayerFile, type Manifest, noLayers, type NounLayers } from '../layers/manifest.ts'
import { MemoryObjectStore } from '../object-store/memory-object-store.ts'
import type { ByteRange } from '../object-store/object-store.ts'
import type { EntityRow } from '../parquet/entity-row.ts'
import { rowGroupRowsMax } from '../parquet/file-writer.ts'
import { RelationCollector } from '../relations/relation-index.ts'
import type { FilePlan } from './layer-plan.ts'
import { LruCache } from './lru-cache.ts'
import { Snapshot } from './snapshot.ts'

/** Logs every read. */
class LoggedStore extends MemoryObjectStore {
  log: { readonly key: string; readonly start: number; readonly end: number }[] = []

  override async get(key: string, range?: ByteRange): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const bytes = await super.get(key, range)
    const start = range?.start ?? 0
    this.log.push({ key, start, end: start + (bytes?.length ?? 0) })
    return bytes
  }

  get bytes(): number {
    return this.log.reduce((sum, { start, end }) => sum + end - start, 0)
  }
}

function rowOf(schema: NounSchema, n: number, fields: EntityRow['fields']): EntityRow {
  const id = `${schema.idPrefix}_${String(n).padStart(12, '0')}`
  const at = { createdAtMs: 1_700_000_000_000 + n * 1_000, updatedAtMs: 1_700_000_000_000 + n * 1_000 }
  return { id, version: 1, createdBy: 'anonymous', seq: n + 1, isDeleted: false, fields, ...at }
}

/** Deterministic, and hard to compress. */
function noise(n: number, length: number): string {
  let state = (n * 2_654_435_761) >>> 0
  let text = ''
  while (text.length < length) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    text += state.toString(36)
  }
  return text.slice(0, length)
}

interface Tenant {
  readonly store: LoggedStore
  readonly manifest: Manifest
  /** Each snapshot gets a cache of its own. */
  readonly snapshot: () => Snapshot
}

function tenantOf(store: LoggedStore, layers: Readonly<Record<string, NounLayers>>, known = lookup): Tenant {
  const manifest = manifestOf(layers)
  const options = { store, manifest, lookup: known, regex }
  return { store, manifest, snapshot: () => new Snapshot({ ...options, cache: fileCache() }) }
}

async function putBase(store: LoggedStore, schema: NounSchema, rows: readonly EntityRow[]): Promise<NounLayers> {
  const layers = [{ afterSeq: 0, throughSeq: Math.max(...rows.map(({ seq }) => seq)) }]
  const shape = { groupRows: rowGroupRowsMax, groupsPerFile: 25 }
  const put = await putLayers({ store, schema, rows, layers, shape })
  store.log = []
  return put
}

const groupsOf = (plans: readonly FilePlan[] | undefined) =>
  plans?.map(({ groups, byReferences }) => ({ groups: groups.map(({ index }) => index), byReferences }))

describe('among 50,000 contacts', () => {
  const schema = nouns.Contact.$schema
  const ofOrganization = 20
  const organization = (n: number) => rowOf(nouns.Organization.$schema, n, {}).id
  /** Each row group has 250 organizations from the whole range, so that statistics rule nothing out. */
  const organizationOf = (n: number) => {
    const nth = Math.floor(n / ofOrganization)
    return organization(10 * (nth % 250) + Math.floor(nth / 250))
  }
  let tenant: Tenant
  let base: LayerFile

  beforeAll(async () => {
    const rows = Array.from({ length: 50_000 }, (_, n) =>
      rowOf(schema, n, {
        name: noise(n, 14),
        email: `${noise(n, 8)}@example.com`,
        title: noise(n % 97, 6),
        stage: 'Lead',
        leadScore: n % 100,
        // The contacts of one organization were created together, as in an import.
        organization: organizationOf(n),
        assignee: 'user_000000000001',
      }),
    )
    const store = new LoggedStore()
    const layers = await putBase(store, schema, rows)
    base = layers.base[0] as LayerFile
    tenant = tenantOf(store, { Contact: layers }, () => schema)
  })

  const filterOf = (filter: object) => parseFilter(filter, { schema, lookup: () => schema })
  const find = (snapshot: Snapshot, filter: object) =>
    snapshot.find(schema, { filter: filterOf(filter), sort: [], limit: 2_000, isCounted: true })
  const organizations = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, at) => organization(from + at))
  test('the 20 contacts of one organization are found by reading a small part of the base', async () => {
    const filter = { organization: organizationOf(1_234 * ofOrganization) }
    const snapshot = tenant.snapshot()
    expect(groupsOf(await snapshot.plan(schema, { filter: filterOf(filter) }))).toEqual([
      { groups: [4], byReferences: [] },
    ])
    tenant.store.log = []
    const found = await find(tenant.snapshot(), filter)
    expect(found?.rows.map(({ id }) => id)).toEqual(
      Array.from({ length: 20 }, (_, at) => rowOf(schema, 1_234 * 20 + at, {}).id),
    )
    expect(tenant.store.log.length).toBeLessThanOrEqual(4)
    expect(tenant.store.bytes).toBeLessThan(0.15 * base.bytes)
  })

  test('the contacts of many organizations are found through the index and read in one pass over their row groups', async () => {
    const some = organizations(300, 450).filter((_, at) => at % 10 === 1 || at % 10 === 6)
    const filter = { organization: { $in: some } }
    const snapshot = tenant.snapshot()
    const plan = await snapshot.plan(schema, { filter: filterOf(filter) })
    expect(groupsOf(plan)).toEqual([{ groups: [1, 6], byReferences: ['organization'] }])
    expect(plan?.[0]?.candidates?.rows.size).toBe(30 * ofOrganization)
    const { store } = tenant
    store.log = []
    expect((await find(snapshot, filter))?.count).toBe(30 * ofOrganization)
    expect(store.log.filter(({ key }) => key === base.key).length).toBe(2)
    expect(store.bytes).toBeLessThan(0.4 * base.bytes)
  })

  test('the index is not used for an id that all entities refer to, nor for more than 64 ids', async () => {
    const all = Array.from({ length: 10 }, (_, at) => at)
    for (const filter of [
      { assignee: 'user_000000000001' },
      { organization: { $in: organizations(0, 2_500).filter((_, at) => at % 25 === 0) } },
    ]) {
      expect(groupsOf(await tenant.snapshot().plan(schema, { filter: filterOf(filter) }))).toEqual([
        { groups: all, byReferences: [] },
      ])
    }
  })

  test('the index is not used under a negation, which it cannot answer', async () => {
    const filter = { organization: { $nin: organizations(0, 20) } }
    const plan = await tenant.snapshot().plan(schema, { filter: filterOf(filter) })
    expect(groupsOf(plan)).toEqual([{ groups: Array.from({ length: 10 }, (_, at) => at), byReferences: [] }])
  })

  test('reading one entity takes at most three requests, and a missing one takes one', async () => {
    const { store } = tenant
    const snapshot = tenant.snapshot()
    store.log = []
    expect((await snapshot.get(schema, rowOf(schema, 31_415, {}).id))?.fields['leadScore']).toBe(15)
    expect(store.log.length).toBeLessThanOrEqual(3)
    store.log = []
    expect(await snapshot.get(schema, rowOf(schema, 50_000, {}).id)).toBe(undefined)
    expect(store.log, 'the id is outside the range of the file').toEqual([])
    expect(await snapshot.get(schema, `${rowOf(schema, 31_415, {}).id}x`)).toBe(undefined)
    expect(store.log.length, 'one request for the bloom filter').toBe(1)
  })
})

describe('contacts of one organization, created at different times', () => {
  const { Contact } = schemas
  const organizations = 3_000
  const rows = Array.from({ length: 10 * organizations }, (_, n) =>
    rowOf(Contact, n, { name: noise(n, 60), organization: nthId('Organization', n % organizations), stage: 'Lead' }),
  )
  const of = (nth: number) => rows.filter((_, n) => n % organizations === nth)
  const changed = [...of(7).slice(2, 4), ...of(8).slice(2, 4)].map((row, at) => ({
    ...row,
    version: 2,
    seq: rows.length + 1 + at,
    fields: { ...row.fields, organization: nthId('Organization', 7), stage: 'Customer' },
  }))
  const filterOf = (filter: object) => parseFilter(filter, { schema: Contact, lookup })
  const page = { sort: [], limit: 20, isCounted: true }
  let tenant: Tenant

  beforeAll(async () => {
    const store = new LoggedStore()
    const layers = [
      { afterSeq: 0, throughSeq: rows.length },
      { afterSeq: rows.length, throughSeq: rows.length + changed.length },
    ]
    const shape = { groupRows: rowGroupRowsMax, groupsPerFile: 25 }
    const put = await putLayers({ store, schema: Contact, rows: [...rows, ...changed], layers, shape })
    tenant = tenantOf(store, { Contact: put })
  })

  test('are read in one pass, although a delta without known candidates holds some of them', async () => {
    const { store, manifest } = tenant
    const snapshot = tenant.snapshot()
    const filter = filterOf({ organization: nthId('Organization', 7) })
    const plans = await snapshot.plan(Contact, { filter })
    expect(groupsOf(plans)).toEqual([
      { groups: [0], byReferences: [] },
      { groups: [0, 1, 2, 3, 4, 5], byReferences: ['organization'] },
    ])
    expect([...(plans?.[1]?.candidates?.rows ?? [])]).toEqual(of(7).map((_, at) => 7 + at * organizations))
    store.log = []
    const found = await snapshot.find(Contact, { ...page, filter })
    const wanted = [...of(7).filter(({ id }) => !changed.some((row) => row.id === id)), ...changed]
    expect(found?.rows).toEqual(wanted.toSorted((a, b) => (a.id < b.id ? -1 : 1)))
    const [base] = manifest.nouns['Contact']?.base ?? []
    expect(store.log.filter(({ key }) => key === base?.key).length, 'four row groups, then two').toBe(2)
    expect(store.log.filter(({ key }) => key === base?.relations?.key).length).toBeLessThanOrEqual(1)
  })

  test('are found together with contacts named by id, and among them', async () => {
    const [own, other] = [of(5), of(6)]
    const organization = nthId('Organization', 5)
    const ids = [...own.slice(4, 7), ...other.slice(0, 2)].map(({ id }) => id)
    const find = async (filter: object) => {
      const found = await tenant.snapshot().find(Contact, { ...page, filter: filterOf(filter) })
      return found?.rows.map(({ id }) => id)
    }
    expect(await find({ $or: [{ organization }, { $id: { $in: ids } }] })).toEqual(
      [...own, ...other.slice(0, 2)].map(({ id }) => id).toSorted(),
    )
    expect(await find({ organization, $id: { $in: ids } })).toEqual(own.slice(4, 7).map(({ id }) => id))
  })

  test('raise an error if the index names rows that the file does not have', async () => {
    const { store, manifest } = tenant
    const layers = manifest.nouns['Contact'] ?? noLayers
    const collector = new RelationCollector(Contact)
    collector.add(rows.length, { organization: nthId('Organization', 5) })
    const written = await collector.finish()
    if (written === undefined) throw new Error('no reference was collected')
    const { content, ...layout } = written
    const relations = { key: 'acme/other.relations.parquet', ...layout }
    await store.put(relations.key, content, { ifAbsent: false })
    const mixedUp = tenantOf(store, {
      Contact: { ...layers, base: layers.base.map((file) => ({ ...file, relations })) },
    })
    const filter = filterOf({ organization: nthId('Organization', 5) })
    await expect(mixedUp.snapshot().find(Contact, { ...page, filter })).rejects.toThrow(
      `file '${relations.key}' is damaged: it names row 30000, but the entity file has 30000 rows`,
    )
  })
})

describe('a range of numbers over 100,000 rows', () => {
  const schema = Noun('Reading', {
    note: 'string',
    value: 'number',
    remark: 'string',
    day: 'date',
    comment: 'string',
  }).$schema
  let tenant: Tenant

  beforeAll(async () => {
    const rows = Array.from({ length: 100_000 }, (_, n) =>
      rowOf(schema, n, {
        note: noise(n, 30),
        value: (n * 7_919) % 100_000,
        remark: noise(n + 1, 30),
        day: `2026-01-${String((n % 28) + 1).padStart(2, '0')}`,
        comment: noise(n + 2, 30),
      }),
    )
    const store = new LoggedStore()
    tenant = tenantOf(store, { Reading: await putBase(store, schema, rows) }, () => schema)
  })

  test('reads the columns of the filter and the sort, and the result columns only of the row groups on the page', async () => {
    const { store } = tenant
    const snapshot = tenant.snapshot()
    const filter = parseFilter({ value: { $gte: 50_000, $lt: 50_020 } }, { schema, lookup: () => schema })
    const sort = parseSort('-value', schema)
    const [plan] = (await snapshot.plan(schema, { filter })) ?? []
    expect(plan?.groups.length).toBe(20)
    store.log = []
    const found = await snapshot.find(schema, { filter, sort, limit: 3, isCounted: true, fields: ['value', 'day'] })
    expect(found?.count).toBe(20)
    expect(found?.rows.map(({ fields }) => Object.keys(fields))).toEqual(
      Array.from({ length: 3 }, () => ['value', 'day']),
    )
    expect(found?.rows.map(({ fields }) => fields['value'])).toEqual([50_019, 50_018, 50_017])
    const groups = new Set(found?.rows.map(({ id }) => Math.floor(Number(id.slice(-12)) / rowGroupRowsMax)))
    const chunks = plan?.file.metadata.row_groups.flatMap(({ columns }, group) =>
      columns.map(({ meta_data }) => ({
        group,
        name: meta_data?.path_in_schema[0] ?? '',
        start: Number(meta_data?.dictionary_page_offset ?? meta_data?.data_page_offset),
        bytes: Number(meta_data?.total_compressed_size),
      })),
    )
    const meta = ['$id', '$version', '$createdAt', '$createdBy', '$updatedAt', '$seq', '$deleted']
    const isWanted = (group: number, name: string) =>
      [...meta, 'value'].includes(name) || (name === 'day' && groups.has(group))
    const whole = chunks?.filter(({ start, bytes }) =>
      store.log.some((read) => read.start <= start && start + bytes <= read.end),
    )
    expect(whole?.filter(({ group, name }) => !isWanted(group, name))).toEqual([])
    const [wanted = 0, all = 0] = [chunks?.filter(({ group, name }) => isWanted(group, name)), chunks].map((some) =>
      some?.reduce((sum, { bytes }) => sum + bytes, 0),
    )
    // Reads cover whole blocks, so each run of columns may add one or two blocks.
    expect(store.bytes).toBeLessThan(wanted + 20 * 4 * 8_192)
    expect(store.bytes).toBeLessThan(0.4 * all)
  })
})

test('paging through a list reads each row group once, one at a time', async () => {
  const schema = Noun('Reading', { value: 'number' }).$schema
  const rows = Array.from({ length: 3 * rowGroupRowsMax }, (_, n) => rowOf(schema, n, { value: n % 7 }))
  const store = new LoggedStore()
  const { snapshot } = tenantOf(store, { Reading: await putBase(store, schema, rows) }, () => schema)
  const [list, sort] = [snapshot(), parseSort('-$createdAt', schema)]
  const wanted = rows.toReversed().map(({ id }) => id)
  const readsOf = async (at: number): Promise<number> => {
    store.log = []
    const after = rows[rows.length - at]
    const found = await list.find(schema, {
      filter: parseFilter({}, { schema, lookup: () => schema }),
      sort,
      limit: 500,
      isCounted: true,
      ...(after === undefined ? {} : { after: { values: [after.createdAtMs], id: after.id } }),
    })
    expect(found?.rows.map(({ id }) => id)).toEqual(wanted.slice(at, at + 500))
    return store.log.length
  }
  const reads: number[] = []
  for (let at = 0; at < rows.length; at += 500) reads.push(await readsOf(at))
  // The first page opens the file, too. Scan columns and result columns are a read each.
  expect(reads.flatMap((count, page) => (count > 0 ? [[page, count]] : []))).toEqual([
    [0, 3],
    [10, 2],
    [20, 2],
  ])
})

test('only the first page of a list counts its matches', async () => {
  const schema = Noun('Reading', { value: 'number' }).$schema
  const rows = Array.from({ length: 3 * rowGroupRowsMax }, (_, n) => rowOf(schema, n, { value: n }))
  const store = new LoggedStore()
  const put = await putBase(store, schema, rows)
  const manifest = manifestOf({ Reading: put })
  // Nothing but totals stays in memory, so counting again would read again.
  const none = <Value>(): LruCache<Value> => new LruCache(0)
  const cache = { files: none<never>(), ids: none<never>(), totals: new LruCache<{ count: number }>(10_000) }
  const find = async (filter: object, after?: number): Promise<readonly [number | null | undefined, number]> => {
    store.log = []
    const found = await new Snapshot({ store, manifest, cache, lookup: () => schema, regex }).find(schema, {
      filter: parseFilter(filter, { schema, lookup: () => schema }),
      sort: parseSort('value', schema),
      limit: 10,
      isCounted: true,
      ...(after === undefined ? {} : { after: { values: [after], id: rows[after]?.id ?? '' } }),
    })
    return [found?.count, store.bytes]
  }
  expect((await find({ value: { $gte: 10 } }))[0]).toBe(14_990)
  const [known, bytes] = await find({ value: { $gte: 10 } }, 14_500)
  const [counted, countedBytes] = await find({ value: { $gte: 11 } }, 14_500)
  expect([known, counted]).toEqual([14_990, 14_989])
  expect(bytes).toBeLessThan(countedBytes)
})

describe('a snapshot', () => {
  const { Contact, Activity, Organization } = schemas
  const contacts = async (rows: readonly EntityRow[]) => {
    const store = new LoggedStore()
    return tenantOf(store, { Contact: await putBase(store, Contact, rows) })
  }
  const layered = async (rows: readonly EntityRow[], ends: readonly number[]) => {
    const store = new LoggedStore()
    const layers = ends.map((throughSeq, at) => ({ afterSeq: ends[at - 1] ?? 0, throughSeq }))
    const put = await putLayers({ store, schema: Contact, rows, layers, shape: { groupRows: 2, groupsPerFile: 2 } })
    store.log = []
    return tenantOf(store, { Contact: put })
  }

  test('of a Noun without files is empty', async () => {
    const { snapshot, store } = tenantOf(new LoggedStore(), {})
    const all = { filter: parseFilter({}, { schema: Contact, lookup }), sort: [], limit: 10, isCounted: true }
    expect(await snapshot().find(Contact, all)).toEqual({ rows: [], count: 0, isCut: false })
    expect(await snapshot().get(Contact, nthId('Contact', 1))).toBe(undefined)
    expect(store.log).toEqual([])
  })

  test('returns the newest version of an entity: changed, deleted or restored', async () => {
    const first = rowOf(Contact, 1, { name: 'first' })
    const changed = { ...first, version: 2, seq: 10, fields: { name: 'second' } }
    const deleted = { ...changed, version: 3, seq: 20, isDeleted: true }
    const restored = { ...changed, version: 4, seq: 30 }
    const rows = [first, rowOf(Contact, 2, { name: 'other' }), changed, deleted, restored]
    const get = async (ends: readonly number[]) => (await layered(rows, ends)).snapshot().get(Contact, first.id)
    expect(await get([5])).toEqual(first)
    expect(await get([5, 15])).toEqual(changed)
    expect(await get([5, 15, 25])).toBe(undefined)
    expect(await get([5, 25])).toBe(undefined)
    expect(await get([5, 15, 25, 35])).toEqual(restored)
    expect(await get([5, 35])).toEqual(restored)
  })

  test('reads nothing for an empty page without a count', async () => {
    const { snapshot, store } = await contacts([rowOf(Contact, 1, { name: 'a' })])
    const filter = parseFilter({ name: 'a' }, { schema: Contact, lookup })
    expect(await snapshot().find(Contact, { filter, sort: [], limit: 0, isCounted: false })).toEqual({
      rows: [],
      count: null,
      isCut: false,
    })
    expect(store.log).toEqual([])
  })

  test('counts all live entities without reading them', async () => {
    const { snapshot, store } = await contacts(Array.from({ length: 30 }, (_, n) => rowOf(Contact, n, { name: 'a' })))
    const filter = parseFilter({}, { schema: Contact, lookup })
    expect((await snapshot().find(Contact, { filter, sort: [], limit: 0, isCounted: true }))?.count).toBe(30)
    expect(store.log).toEqual([])
  })

  test('treats 0 and -0 as equal, also in bloom filters', async () => {
    const store = new LoggedStore()
    const rows = Array.from({ length: 3 }, (_, n) => rowOf(Organization, n, { name: 'a', employeeCount: n - 1 }))
    const { snapshot } = tenantOf(store, { Organization: await putBase(store, Organization, rows) })
    for (const wanted of [-0, { $in: [-0, 7] }, { $gte: -0, $lte: -0 }]) {
      const filter = parseFilter({ employeeCount: wanted }, { schema: Organization, lookup })
      expect((await snapshot().find(Organization, { filter, sort: [], limit: 5, isCounted: true }))?.count).toBe(1)
    }
  })

  test("leaves a relation to more than 10,000 entities to the tenant's object", async () => {
    const store = new LoggedStore()
    const all = Array.from({ length: 10_001 }, (_, n) =>
      rowOf(Contact, n, { name: 'a', stage: n === 0 ? 'Customer' : 'Lead', leadScore: 1 }),
    )
    const activity = rowOf(Activity, 1, { subject: 'a', contact: rowOf(Contact, 5, {}).id })
    const layers = { Contact: await putBase(store, Contact, all), Activity: await putBase(store, Activity, [activity]) }
    const snapshot = tenantOf(store, layers).snapshot()
    const find = (filter: object) =>
      snapshot.find(Activity, {
        filter: parseFilter(filter, { schema: Activity, lookup }),
        sort: [],
        limit: 5,
        isCounted: true,
      })
    expect(await find({ 'contact.leadScore': 1 })).toBe(undefined)
    expect(await find({ $not: { 'contact.leadScore': 1 } })).toBe(undefined)
    expect((await find({ 'contact.stage': 'Lead' }))?.rows).toEqual([activity])
    expect((await find({ $or: [{ 'contact.stage': 'Customer' }, { subject: 'a' }] }))?.count).toBe(1)
  })

  test('opens each file once for all concurrent readers, and never again', async () => {
    const rows = Array.from({ length: 40 }, (_, n) => ({ ...rowOf(Contact, n, { name: `${n}` }), seq: n + 1 }))
    const { snapshot, store, manifest } = await layered(rows, [20, 30, 40])
    const shared = snapshot()
    const filter = parseFilter({ name: { $regex: '1' } }, { schema: Contact, lookup })
    const find = () => shared.find(Contact, { filter, sort: [], limit: 100, isCounted: true })
    const [first, ...others] = await Promise.all([find(), find(), find(), find()])
    expect(first?.count).toBe(13)
    for (const other of others) expect(other).toEqual(first)
    await find()
    const { base, deltas } = manifest.nouns['Contact'] ?? noLayers
    const opened = [...base, ...deltas].map((file) => ({
      key: file.key,
      opens: store.log.filter(({ key, end }) => key === file.key && end === file.bytes).length,
    }))
    expect(opened.length).toBe(11)
    expect(opened.filter(({ opens }) => opens !== 1)).toEqual([])
  })
})
