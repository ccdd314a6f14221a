import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { filesOf, formatManifest, type LayerFile, type Manifest, manifestKey, parseManifest } from './manifest.ts'
import { DamagedFile } from '../parquet/block-checksums.ts'

const readFixture = (format: number): string =>
  readFileSync(join(import.meta.dirname, `../../test/fixtures/manifest-${format}.json`), 'utf8')
const key = manifestKey('acme')

/** Uses everything that a manifest of format 2 can hold. */
const manifest2: Manifest = {
  tenant: 'acme',
  epoch: 'k3x9Ta',
  revision: 7,
  seq: 1_234,
  madeAt: '2026-11-23T10:00:00.000Z',
  nouns: {
    Contact: {
      fields: [
        { id: 101, field: 'name', storage: 'text' },
        { id: 102, field: 'organization', storage: 'text' },
        { id: 103, field: 'score', storage: 'real' },
        { id: 104, field: 'score', storage: 'text' },
      ],
      entities: 3,
      base: [
        {
          key: 'acme/entities/Contact/base-k3x9Ta-5-1-0.parquet',
          bytes: 9_000,
          rows: 3,
          tailStart: 7_000,
          footerStart: 8_000,
          footerChecksum: 4_294_967_295,
          idMin: 'contact_1VbZ0k000001',
          idMax: 'contact_1VbZ0k000003',
          afterSeq: 0,
          throughSeq: 1_000,
          relations: {
            key: 'acme/entities/Contact/base-k3x9Ta-5-1-0.relations.parquet',
            bytes: 2_000,
            rows: 4,
            tailStart: 1_000,
            footerStart: 1_200,
            footerChecksum: 1,
          },
        },
      ],
      baseSeq: 1_000,
      deltas: [
        {
          key: 'acme/entities/Contact/delta-k3x9Ta-6-1-0.parquet',
          bytes: 4_000,
          rows: 1,
          tailStart: 2_000,
          footerStart: 3_000,
          footerChecksum: 2,
          idMin: 'contact_1VbZ0k000002',
          idMax: 'contact_1VbZ0k000002',
          afterSeq: 1_000,
          throughSeq: 1_234,
        },
      ],
    },
    Note: { fields: [], entities: 0, base: [], baseSeq: 0, deltas: [] },
  },
  definitions: [{ name: 'Note', definition: { fields: { text: 'string!', about: '-> Contact.notes' } } }],
  stale: ['Note'],
  events: { version: 6, throughSeq: 1_234 },
}

test('a manifest of format 1 stays readable: it has no definitions', () => {
  expect(parseManifest(readFixture(1), key)).toEqual({ ...manifest2, definitions: [], stale: [] })
})

test('a manifest is written as format 2, byte for byte: a change needs a new format number and fixture', () => {
  expect(parseManifest(readFixture(2), key)).toEqual(manifest2)
  expect(formatManifest(manifest2)).toBe(readFixture(2))
})

test('any manifest reads back unchanged', () => {
  const count = fc.nat({ max: Number.MAX_SAFE_INTEGER })
  const ref = fc.record({
    key: fc.string({ unit: 'grapheme' }),
    bytes: count,
    rows: count,
    tailStart: count,
    footerStart: count,
    footerChecksum: fc.nat({ max: 2 ** 32 - 1 }),
  })
  const layer: fc.Arbitrary<LayerFile> = fc
    .tuple(
      ref,
      fc.record({ idMin: fc.string(), idMax: fc.string(), afterSeq: count, throughSeq: count }),
      fc.option(ref),
    )
    .map(([file, range, relations]) => ({ ...file, ...range, ...(relations === null ? {} : { relations }) }))
  const field = fc.record({
    id: count,
    field: fc.string(),
    storage: fc.constantFrom('text', 'real', 'boolean', 'time', 'date', 'json'),
  })
  const layers = fc.record({
    fields: fc.array(field),
    entities: count,
    base: fc.array(layer, { maxLength: 3 }),
    baseSeq: count,
    deltas: fc.array(layer, { maxLength: 3 }),
  })
  const name = fc.stringMatching(/^[A-Z][A-Za-z0-9]{0,8}$/)
  const manifest: fc.Arbitrary<Manifest> = fc.record(
    {
      tenant: fc.string({ unit: 'grapheme' }),
      epoch: fc.string(),
      revision: count,
      seq: count,
      madeAt: fc.string(),
      nouns: fc.dictionary(name, layers, { maxKeys: 3, noNullPrototype: true }),
      definitions: fc.array(
        fc.record({
          name,
          definition: fc.record({ fields: fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true }) }),
        }),
        { maxLength: 2 },
      ),
      stale: fc.array(name, { maxLength: 2 }),
      events: fc.record({ version: count, throughSeq: count }),
    },
    { noNullPrototype: true },
  )
  fc.assert(
    fc.property(manifest, (value) => {
      const plain = JSON.parse(JSON.stringify(value)) as Manifest // fast-check's records have no prototype
      expect(parseManifest(formatManifest(value), key)).toEqual(plain)
    }),
    { numRuns: 200 },
  )
})

const fixture = readFixture(2)

test('a changed bit or a truncated end is always refused', () => {
  const bytes = new TextEncoder().encode(fixture)
  const read = (changed: Uint8Array) => parseManifest(new TextDecoder().decode(changed), key)
  let refused = 0
  for (let at = 0; at < bytes.length; at++) {
    for (const bit of [1, 4, 64]) {
      const changed = bytes.with(at, (bytes[at] as number) ^ bit)
      expect(() => read(changed), `bit ${bit} of byte ${at}`).toThrow(`'${key}'`)
      refused++
    }
    expect(() => read(bytes.slice(0, at)), `cut at ${at}`).toThrow(DamagedFile)
  }
  expect(refused).toBeGreaterThan(1_000)
})

test.each([
  ['nothing', '', 'it is not JSON'],
  ['another document', '{"results":[]}', 'it is not a manifest'],
  ['a list', '[]', 'it is not a manifest'],
  ['null', 'null', 'it is not a manifest'],
  ['a manifest without its format', fixture.replace('"format":2,', ''), 'it is not a manifest'],
  ['a manifest without its checksum', fixture.replace(/"checksum":\d+,/, ''), 'it is not a manifest'],
  ['a checksum alone', '{"format":1,"checksum":1}', 'it is not a manifest'],
  ['another content', fixture.replace('"seq":1234', '"seq":1235'), 'its checksum does not match'],
])('%s is refused by name', (_, text, what) => {
  expect(() => parseManifest(text, key)).toThrow(new DamagedFile(key, what))
})

test('a newer format is refused with both numbers, whatever else the file holds', () => {
  const message = "manifest 'acme/manifest.json' has format 3; this program knows 1 to 2"
  expect(() => parseManifest(fixture.replace('"format":2', '"format":3'), key)).toThrow(message)
  expect(() => parseManifest('{"format":3,"layers":[]}', key)).toThrow(message)
})

test('names each of its files once, including relation indexes', () => {
  const [base, delta] = ['base-k3x9Ta-5-1-0', 'delta-k3x9Ta-6-1-0'].map((name) => `acme/entities/Contact/${name}`)
  expect(filesOf(manifest2)).toEqual([`${base}.parquet`, `${base}.relations.parquet`, `${delta}.parquet`])
})
