import { MemoryObjectStore } from '@dotdo/db'
import type { ObjectParts } from '@dotdo/service'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FileSweep } from './adopt-files.ts'
import { FileRegistry } from './file-registry.ts'
import { partKey, putRecord } from './stored-file.ts'

interface Row {
  readonly key: string
  readonly value: string
  readonly name?: string | undefined
  readonly meta?: string | undefined
}

/** A tenant whose assets are a list of pairs of asset and file. */
function world(assets: readonly (readonly [asset: string, file: string])[]) {
  const rows = new Map<string, Row>()
  const sorted = (): readonly Row[] => [...rows.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1))
  const values = {
    get: (key: string) => rows.get(key),
    named: (name: string) => sorted().find((row) => row.name === name),
    put: (row: Row) => void rows.set(row.key, row),
    delete: (key: string) => void rows.delete(key),
    list: ({ prefix, after = '', limit }: { prefix: string; after?: string; limit: number }) =>
      sorted()
        .filter(({ key }) => key.startsWith(prefix) && key > after)
        .slice(0, limit),
  }
  const store = new MemoryObjectStore()
  const restored = { text: '' }
  const parts = {
    values: () => values,
    files: () => store,
    restored: () => restored.text,
    idsWith: (_: string, { value, limit }: { value: unknown; limit: number }) =>
      assets
        .filter(([, file]) => file === value)
        .map(([asset]) => asset)
        .slice(0, limit),
  } as unknown as ObjectParts // what registry and sweep use of them
  const now = () => 1_000_000
  const registry = new FileRegistry(parts, { now, graceMs: () => 60_000 })
  return { rows, store, restored, registry, sweep: new FileSweep(parts, registry, now) }
}

const fileId = (at: number): string => `file_${String(at).padStart(26, '0')}`

/** `whole` has a record, and may be named by an asset; `part` is an upload that was cut off. */
const files = fc.array(
  fc.record({
    kind: fc.constantFrom('named', 'whole', 'part'),
    size: fc.integer({ min: 1, max: 50 }),
    content: fc.integer({ min: 0, max: 3 }),
  }),
  { maxLength: 12 },
)

test('after any loss of entries, files that assets name are stored, other bytes are due, and the total is right', async () => {
  await fc.assert(
    fc.asyncProperty(files, fc.boolean(), async (given, isSplit) => {
      const named = given.flatMap(({ kind }, at) => (kind === 'named' ? [at] : []))
      const { store, restored, registry, sweep, rows } = world(named.map((at) => [`asset_${at}`, fileId(at)]))
      for (const [at, { kind, size, content }] of given.entries()) {
        const cut = isSplit && size > 1 ? 1 : size
        await store.put(partKey(fileId(at), 0), new Uint8Array(cut), { ifAbsent: true })
        if (cut < size) await store.put(partKey(fileId(at), cut), new Uint8Array(size - cut), { ifAbsent: true })
        if (kind === 'part') continue
        const parts = cut < size ? [cut, size - cut] : [size]
        await putRecord(store, fileId(at), { size, hash: `${content}`, mediaType: 'text/plain', parts })
      }
      restored.text = 'epoch'
      expect(sweep.isStale).toBe(true)
      await sweep.catchUp()
      expect(sweep.isStale).toBe(false)
      for (const [at, { kind }] of given.entries()) {
        const entry = registry.find(fileId(at))
        const isDue = [...rows.keys()].some((key) => key.startsWith('file-due:') && key.endsWith(fileId(at)))
        expect([at, entry?.state, isDue]).toEqual([at, kind === 'part' ? 'removing' : entry?.state, kind !== 'named'])
        if (kind === 'named') {
          expect(entry?.state).toBe('stored')
          expect(registry.isKept(`asset_${at}`)).toBe(true)
        }
      }
      expect(registry.total).toEqual({ bytes: given.reduce((sum, { size }) => sum + size, 0), uploads: 0 })
      expect(registry.namedAfter('', 100)).toEqual(named.map(fileId))
    }),
    { numRuns: 100 },
  )
})

test('an erasure takes adopted bytes that no asset names, and leaves those of others', async () => {
  const { store, restored, registry, sweep } = world([['asset_1', fileId(1)]])
  for (const at of [1, 2]) {
    await store.put(partKey(fileId(at), 0), new Uint8Array(3), { ifAbsent: true })
    await putRecord(store, fileId(at), { size: 3, hash: `${at}`, mediaType: 'text/plain', parts: [3] })
  }
  restored.text = 'epoch'
  await sweep.catchUp()
  expect(registry.takeDue()).toBeUndefined()
  registry.erased('asset_2')
  expect(registry.takeDue()).toEqual({ id: fileId(2), isToRemove: true })
  expect(registry.find(fileId(1))?.state).toBe('stored')
})
