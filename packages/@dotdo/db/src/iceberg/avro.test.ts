import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readAvro, writeAvro } from './avro.ts'
import { decodeAvro } from './avro-decode.ts'
import { encodeAvro } from './avro-encode.ts'
import {
  type AvroRecord,
  type AvroRecordSchema,
  type AvroSchema,
  type AvroValue,
  parseAvroSchema,
} from './avro-schema.ts'

interface Typed {
  readonly schema: AvroSchema
  readonly values: fc.Arbitrary<AvroValue>
}

/** Well-formed strings: UTF-8 cannot encode half of a surrogate pair. */
const texts = fc.string({ unit: 'binary', maxLength: 20 })
const bytes = fc.uint8Array({ maxLength: 300 })

const leaves: readonly Typed[] = [
  { schema: 'null', values: fc.constant(null) },
  { schema: 'boolean', values: fc.boolean() },
  { schema: 'int', values: fc.integer() },
  { schema: 'long', values: fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -200, max: 200 })) },
  { schema: 'float', values: fc.float() },
  { schema: 'double', values: fc.double() },
  { schema: 'string', values: texts },
  { schema: 'bytes', values: bytes },
  { schema: { type: 'fixed', name: 'four', size: 4 }, values: fc.uint8Array({ minLength: 4, maxLength: 4 }) },
]

/** A schema with values for it. */
const { typed } = fc.letrec<{ typed: Typed; record: Typed }>((tie) => ({
  typed: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(...leaves),
    tie('typed').map(({ schema, values }): Typed => ({
      schema: { type: 'array', items: schema },
      values: fc.array(values, { maxLength: 5 }),
    })),
    tie('typed').map(({ schema, values }): Typed => ({
      schema: { type: 'map', values: schema },
      values: fc.array(fc.tuple(texts, values), { maxLength: 5 }).map((pairs) => new Map(pairs)),
    })),
    tie('typed').map(({ schema, values }): Typed => ({
      schema: Array.isArray(schema) || schema === 'null' ? schema : ['null', schema].flat(),
      values: Array.isArray(schema) || schema === 'null' ? values : fc.option(values),
    })),
    tie('record'),
  ),
  record: fc
    .uniqueArray(fc.tuple(fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,8}$/), tie('typed')), {
      selector: ([name]) => name,
      maxLength: 5,
    })
    .map((fields): Typed => ({
      schema: { type: 'record', name: 'some', fields: fields.map(([name, { schema }]) => ({ name, type: schema })) },
      values: fc.tuple(...fields.map(([, { values }]) => values)).map((values) => toRecord(fields, values)),
    })),
}))

function toRecord(fields: readonly (readonly [string, Typed])[], values: readonly AvroValue[]): AvroRecord {
  return Object.fromEntries(fields.map(([name], at) => [name, values[at] ?? null]))
}

test('any value of any schema reads back unchanged', () => {
  fc.assert(
    fc.property(
      typed.chain(({ schema, values }) => values.map((value) => ({ schema, value }))),
      ({ schema, value }) => {
        const read = decodeAvro(parseAvroSchema(JSON.parse(JSON.stringify(schema))), encodeAvro(schema, value))
        expect(read).toStrictEqual(value)
      },
    ),
    { numRuns: 1_000 },
  )
})

const schema: AvroRecordSchema = {
  type: 'record',
  name: 'row',
  fields: [
    { name: 'id', type: 'long', 'field-id': 7 },
    { name: 'note', type: ['null', 'string'], default: null, 'field-id': 8 },
  ],
}

test('a file reads back with its records, its header and the field ids of its schema', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ id: fc.maxSafeInteger(), note: fc.option(texts) }), { maxLength: 50 }),
      fc.dictionary(fc.stringMatching(/^x[a-z-]{0,9}$/), texts, { maxKeys: 5 }),
      (records, facts) => {
        const file = { schema, metadata: new Map(Object.entries(facts)), records }
        expect(readAvro(writeAvro(file), 'a')).toEqual(file)
      },
    ),
  )
})

test('a file of many blocks reads back', () => {
  const records = Array.from({ length: 30_000 }, (_, id) => ({ id, note: `number ${id}` }))
  const file = writeAvro({ schema, metadata: new Map(), records })
  expect(readAvro(file, 'a').records).toEqual(records)
  expect(file.length).toBeGreaterThan(5 * 2 ** 16)
})

test('the same records give the same bytes', () => {
  const file = { schema, metadata: new Map([['a', 'b']]), records: [{ id: 1, note: null }] }
  expect(writeAvro(file)).toEqual(writeAvro(file))
})

test("the bytes are those of the specification's examples", () => {
  // The specification's example of a record: a long 27 and a string 'foo'.
  const example = {
    type: 'record',
    name: 'test',
    fields: [
      { name: 'a', type: 'long' },
      { name: 'b', type: 'string' },
    ],
  }
  expect([...encodeAvro(parseAvroSchema(example), { a: 27, b: 'foo' })]).toEqual([0x36, 0x06, 0x66, 0x6f, 0x6f])
  // Its examples of an array of 3 and 27, and of a union of null and string.
  expect([...encodeAvro({ type: 'array', items: 'long' }, [3, 27])]).toEqual([0x04, 0x06, 0x36, 0x00])
  expect([...encodeAvro(['null', 'string'], 'a')]).toEqual([0x02, 0x02, 0x61])
  expect([0, -1, 1, -2, 2, -64, 64].map((long) => [...encodeAvro('long', long)])).toEqual([
    [0x00],
    [0x01],
    [0x02],
    [0x03],
    [0x04],
    [0x7f],
    [0x80, 0x01],
  ])
  // A block may state its size in bytes.
  expect(decodeAvro({ type: 'array', items: 'long' }, new Uint8Array([0x03, 0x04, 0x06, 0x36, 0x00]))).toEqual([3, 27])
})

test('a file cut off anywhere but after a whole block is refused with a message', () => {
  const whole = writeAvro({ schema, metadata: new Map(), records: [{ id: 1, note: 'one' }] })
  const header = writeAvro({ schema, metadata: new Map(), records: [] }).length
  for (let length = 0; length < whole.length; length++) {
    if (length === header) continue
    expect(() => readAvro(whole.slice(0, length), 'cut'), `${length} bytes`).toThrow(
      /^'cut' is not a complete Avro file: /,
    )
  }
})

test('a file with a damaged byte gives records or an error with a message, and reading it ends soon', () => {
  const whole = writeAvro({ schema, metadata: new Map([['a', 'b']]), records: [{ id: 1, note: 'one' }] })
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
      const damaged = whole.with(at, byte)
      try {
        readAvro(damaged, 'damaged')
      } catch (error) {
        expect(error).toBeInstanceOf(Error)
        expect(String(error)).toMatch(/'damaged' is not a complete Avro file: ./)
      }
    }),
    { numRuns: 2_000 },
  )
})

test('an impossible count is refused', () => {
  const endless = encodeAvro('long', 2 ** 50)
  expect(() => decodeAvro({ type: 'array', items: 'null' }, endless)).toThrow('more than 1000000 items')
  expect(() => decodeAvro('bytes', endless)).toThrow(`Avro needs ${2 ** 50} bytes where 0 are left`)
})

test('a value that does not fit its schema is refused with a message', () => {
  expect(() => encodeAvro('int', 2 ** 31)).toThrow("Avro expected 'int', got number 2147483648")
  expect(() => encodeAvro('long', 2 ** 53)).toThrow("Avro expected 'long', got number 9007199254740992")
  expect(() => encodeAvro(['null', 'string'], 1)).toThrow('no branch of the Avro union accepts number 1')
  expect(() => encodeAvro(schema, { id: 1 })).toThrow("the Avro record 'row' is missing 'note'")
  expect(() => decodeAvro('long', new Uint8Array(9).fill(0xff))).toThrow('Avro needs 1 bytes where 0 are left')
  expect(() => decodeAvro('long', new Uint8Array([0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1]))).toThrow(
    'an Avro long is beyond 2^53',
  )
})

test('an invalid schema is refused with a message', () => {
  for (const json of [undefined, 1, 'text', [], [['null']], { type: 'enum' }, { type: 'record' }, { type: 'array' }]) {
    expect(() => parseAvroSchema(json)).toThrow(/Avro/)
  }
})
