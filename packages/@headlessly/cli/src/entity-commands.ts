// The commands of one Noun, generated from its schema: `Contact.create`, `Contact.find`, `Contact.qualify`.

import { describeVerb, type NounSchema, validateCreate, type Verb } from 'digital-objects'
import { aggregateCommand } from './aggregate-command.ts'
import { anyEntity } from '@headlessly/sdk'
import type { Row } from './row.ts'
import { atFlag, atOf } from './at-flag.ts'
import { checkRead, namesIn } from './check-read.ts'
import type { Command, CommandCall, EntityCommand } from './command.ts'
import { dryRunFlag, dryRunOf, printWritten } from './dry-run.ts'
import { argumentFlags, comparedFlags, fieldFlags, storedFields } from './field-flag.ts'
import { forceFlag, forceOf } from './force-flag.ts'
import { type Flag, jsonObject, wholeNumber } from './flag.ts'
import type { FlagValues } from './parse-flags.ts'
import { asOf, filterFlag, filterOf, include, strong } from './read-flags.ts'
import { UsageError } from './usage-error.ts'

const idempotencyKey: Flag = {
  name: 'idempotency-key',
  kind: 'value',
  placeholder: '<key>',
  about: 'repeating a write with the same key writes once',
}
const ifVersion: Flag = {
  name: 'if-version',
  kind: 'value',
  placeholder: '<number>',
  about: 'refuse the write unless the entity has this $version',
  parse: wholeNumber(1, 999_999_999_999_999),
}
const set: Flag = {
  name: 'set',
  kind: 'value',
  placeholder: '<json>',
  about: 'fields as a JSON object; field flags take precedence',
  parse: jsonObject,
}
const clear: Flag = {
  name: 'clear',
  kind: 'list',
  placeholder: '<field>',
  about: 'remove the value of a field; repeatable',
}
const fields: Flag = { name: 'fields', kind: 'value', placeholder: '<field,…>', about: 'return only these fields' }
const find: readonly Flag[] = [
  { name: 'sort', kind: 'value', placeholder: '<field,…>', about: 'prefix - for descending; default: newest first' },
  {
    name: 'limit',
    kind: 'value',
    placeholder: '<number>',
    about: 'page size; default 50',
    parse: wholeNumber(1, 1_000),
  },
  { name: 'cursor', kind: 'value', placeholder: '<cursor>', about: 'continue after an earlier page' },
  { name: 'count', kind: 'switch', about: 'count all matches, even if there are many' },
  filterFlag,
  fields,
  include,
  strong,
  asOf,
]

const findNames = find.map(({ name }) => name)

export function entityCommands(schema: NounSchema): Command[] {
  const { name, disabled, verbs } = schema
  const isAllowed = (verb: 'create' | 'update' | 'delete'): boolean => !disabled.includes(verb)
  const custom = Object.values(verbs).filter(
    ({ category, effect }) => category === 'custom' && effect.systemOnly !== true,
  )
  return [
    ...(isAllowed('create') ? [createCommand(schema)] : []),
    getCommand(schema),
    findCommand(schema),
    countCommand(schema),
    aggregateCommand(schema),
    ...(isAllowed('update') ? [updateCommand(schema)] : []),
    ...(isAllowed('delete') ? [deleteCommand(schema)] : []),
    ...custom.map((verb) => verbCommand(schema, verb)),
  ].map(({ method, example, ...command }) => ({
    ...command,
    name: `${name}.${method}`,
    example: `${name}.${method} ${example}`.trim(),
  }))
}

function createCommand(schema: NounSchema): EntityCommand {
  return {
    method: 'create',
    words: [],
    about: `create an entity of type ${schema.name}`,
    example: sampleFlags(schema).join(' '),
    flags: [set, ...happened(schema), idempotencyKey, dryRunFlag, ...fieldFlags(schema)],
    run: (call) => create(schema, call),
  }
}

function getCommand(schema: NounSchema): EntityCommand {
  return {
    method: 'get',
    words: ['<id>'],
    about: 'show one entity',
    example: sampleId(schema),
    flags: [include, fields, strong, asOf],
    run: (call) => get(schema, call),
  }
}

function findCommand(schema: NounSchema): EntityCommand {
  return {
    method: 'find',
    words: [],
    about: 'list matching entities',
    example: `${sampleFlags(schema)[0] ?? ''} --limit 20`.trim(),
    flags: [...find, ...comparedFlags(schema)],
    run: (call) => list(schema, call),
  }
}

function countCommand(schema: NounSchema): EntityCommand {
  return {
    method: 'count',
    words: [],
    about: 'count matching entities',
    example: sampleFlags(schema)[0] ?? '',
    flags: [filterFlag, strong, asOf, ...comparedFlags(schema)],
    run: async (call) => {
      const { flags, output, client, signal } = call
      checkRead(schema, call, { command: `${schema.name}.count` })
      const count = await anyEntity(client(), schema.name).count(filterOf(schema, flags, { others: findNames }), {
        ...readOptions(flags),
        signal,
      })
      output.lineOrJson(String(count), { count })
      return 0
    },
  }
}

function updateCommand(schema: NounSchema): EntityCommand {
  return {
    method: 'update',
    words: ['<id>'],
    about: 'change the given fields',
    example: `${sampleId(schema)} ${sampleFlags(schema)[0] ?? ''}`.trim(),
    flags: [set, clear, ifVersion, ...happened(schema), idempotencyKey, dryRunFlag, ...fieldFlags(schema)],
    run: (call) => change(schema, 'update', call),
  }
}

function deleteCommand(schema: NounSchema): EntityCommand {
  return {
    method: 'delete',
    words: ['<id>'],
    about: 'delete an entity; its history stays',
    example: sampleId(schema),
    flags: [ifVersion, ...happened(schema), idempotencyKey, dryRunFlag],
    run: async (call) => {
      const { words, flags, output, client, signal } = call
      const [id = ''] = words
      const done = await anyEntity(client(), schema.name).perform('delete', id, {
        ...writeOptions(schema, flags),
        signal,
      })
      return printWritten(call, done, () => output.lineOrJson(`deleted ${id}`, { deleted: id }))
    },
  }
}

function verbCommand(schema: NounSchema, verb: Verb): EntityCommand {
  const creates = verb.effect.creates === true
  return {
    method: verb.name,
    words: [creates ? '[id]' : '<id>'],
    about: aboutVerb(schema, verb),
    example: creates ? sampleFlags(schema).join(' ') : sampleId(schema),
    flags: verbFlags(schema, verb),
    run: (call) => change(schema, verb.name, call),
  }
}

/** Returns `Sets stage to Qualified. (Contact.Qualified)`. */
function aboutVerb(schema: NounSchema, verb: Verb): string {
  const event = `${schema.name}.${verb.event}`
  const about = describeVerb(verb)
  if (about === undefined)
    return `${event}${verb.effect.creates === true ? '; creates an entity if no id is given' : ''}`
  return about.includes(event) ? about : `${about} (${event})`
}

function verbFlags(schema: NounSchema, verb: Verb): Flag[] {
  const own = argumentFlags(schema, verb)
  const others = fieldFlags(schema).filter(({ name }) => own.every((one) => one.name !== name))
  return [set, clear, ifVersion, ...happened(schema), idempotencyKey, dryRunFlag, ...own, ...others]
}

/** An entity type with a field of that name takes its value by the flag. */
function happened(schema: NounSchema): readonly Flag[] {
  return [atFlag, forceFlag].filter(({ name }) => !dataNames(schema).includes(name))
}

async function create(schema: NounSchema, call: CommandCall): Promise<number> {
  const { flags, output, client, signal } = call
  const data = dataOf(schema, flags)
  const checked = validateCreate(schema, data)
  if (!checked.ok) {
    const faults = checked.faults.map(({ field, message }) => `--${field} ${message}`)
    throw new UsageError(faults.join('\n'), `${schema.name}.create`)
  }
  const entity = await anyEntity(client(), schema.name).perform('create', data, {
    ...writeOptions(schema, flags),
    signal,
  })
  return printWritten(call, entity, (row) => output.record(row))
}

async function change(schema: NounSchema, method: string, call: CommandCall): Promise<number> {
  const { words, flags, output, client, signal } = call
  const [id] = words
  const data = dataOf(schema, flags)
  if (method === 'update' && Object.keys(data).length === 0)
    throw new UsageError('expected a field to change, such as --set or --clear', `${schema.name}.update`)
  const given = id === undefined ? [data] : [id, data]
  const entity = await anyEntity(client(), schema.name).perform(method, ...given, {
    ...writeOptions(schema, flags),
    signal,
  })
  return printWritten(call, entity, (row) => output.record(row))
}

async function get(schema: NounSchema, call: CommandCall): Promise<number> {
  const { words, flags, output, client, signal } = call
  const [id = ''] = words
  checkRead(schema, call, { command: `${schema.name}.get` })
  const entity = await anyEntity(client(), schema.name).get(id, { ...readOptions(flags), signal })
  if (entity === null) {
    const message = `no ${schema.name} '${id}'`
    output.problem({ code: 'not_found', message })
    return 1
  }
  output.record(entity)
  return 0
}

async function list(schema: NounSchema, call: CommandCall): Promise<number> {
  const { flags, output, client, signal } = call
  checkRead(schema, call, { command: `${schema.name}.find` })
  const [sort, cursor, limit] = [flags.text('sort'), flags.text('cursor'), flags.number('limit')]
  const page = await anyEntity(client(), schema.name).find(filterOf(schema, flags, { others: findNames }), {
    ...readOptions(flags),
    ...(sort === undefined ? {} : { sort }),
    ...(cursor === undefined ? {} : { cursor }),
    ...(limit === undefined ? {} : { limit }),
    ...(flags.isOn('count') ? { count: 'exact' } : {}),
    signal,
  })
  output.rows(page, columnsOf(schema, page, namesIn(flags.text('fields'))))
  if (page.hasMore || flags.isOn('count')) {
    const of = page.total === null ? '' : ` of ${page.total}`
    const next = page.cursor === null ? '' : `; next page: --cursor ${page.cursor}`
    output.note(`${page.length}${of}${next}`)
  }
  return 0
}

const columnsMax = 6

/** Returns the requested columns, or the first fields without JSON in which some row has a value. */
function columnsOf(schema: NounSchema, rows: readonly Row[], requested: readonly string[]): string[] {
  if (requested.length > 0) return ['$id', ...requested.filter((name) => name !== '$id')]
  const short = storedFields(schema).filter((field) => field.kind !== 'data' || field.type !== 'json')
  const used = short.filter(({ name }) => rows.some((row) => row[name] !== undefined))
  // Prefer fields in which every row has a value.
  const full = used.filter(({ name }) => rows.every((row) => row[name] !== undefined))
  const names = [...full, ...used.filter((field) => !full.includes(field))].map(({ name }) => name)
  const shown = new Set(names.slice(0, columnsMax))
  return ['$id', ...short.map(({ name }) => name).filter((name) => shown.has(name))]
}

/** Merges `--set`, null for each `--clear`, and field flags, which take precedence. */
function dataOf(schema: NounSchema, flags: FlagValues): Row {
  const data: Record<string, unknown> = { ...flags.object('set') }
  for (const name of flags.list('clear')) {
    if (schema.fields[name] === undefined)
      throw new UsageError(`--clear expects a field of ${schema.name}, got '${name}'`)
    data[name] = null
  }
  for (const name of dataNames(schema)) if (flags.has(name)) data[name] = flags.value(name)
  return data
}

/** Returns the names of all fields and verb arguments. No flag of a write command has such a name. */
function dataNames(schema: NounSchema): string[] {
  const verbs = Object.values(schema.verbs).flatMap((verb) => argumentFlags(schema, verb))
  return [...storedFields(schema), ...verbs].map(({ name }) => name)
}

function readOptions(flags: FlagValues): object {
  const [asOfText, included, picked] = [flags.text('as-of'), flags.text('include'), flags.text('fields')]
  return {
    ...(flags.isOn('strong') ? { strong: true } : {}),
    ...(asOfText === undefined ? {} : { asOf: asOfText }),
    ...(included === undefined ? {} : { include: namesIn(included) }),
    ...(picked === undefined ? {} : { fields: namesIn(picked) }),
  }
}

function writeOptions(schema: NounSchema, flags: FlagValues): object {
  const [version, key] = [flags.number('if-version'), flags.text('idempotency-key')]
  return {
    ...(version === undefined ? {} : { ifVersion: version }),
    ...(key === undefined ? {} : { idempotencyKey: key }),
    ...(happened(schema).includes(atFlag) ? atOf(flags) : {}),
    ...(happened(schema).includes(forceFlag) ? forceOf(flags) : {}),
    ...dryRunOf(flags),
  }
}

/** Returns example flags: those of the required fields, or of the first field. */
function sampleFlags(schema: NounSchema): string[] {
  const fields = storedFields(schema)
  const required = fields.filter(
    (field) =>
      field.required &&
      !('default' in field && field.default !== undefined) &&
      !('sum' in field && field.sum !== undefined),
  )
  return (required.length > 0 ? required : fields.slice(0, 1)).map(
    (field) => `--${field.name} ${sampleOf(schema, field)}`,
  )
}

function sampleId({ idPrefix }: NounSchema): string {
  return `${idPrefix}_0123456789AB`
}

function sampleOf(schema: NounSchema, field: ReturnType<typeof storedFields>[number]): string {
  if (field.kind === 'enum') return field.values[0] ?? ''
  if (field.kind === 'reference') return `${(field.to[0] ?? 'contact').toLowerCase()}_0123456789AB`
  switch (field.type) {
    case 'number':
    case 'integer':
    case 'money':
      return String(Math.min(Math.max(42, field.min ?? 42), field.max ?? 42))
    case 'boolean':
      return 'true'
    case 'datetime':
      return '2026-01-15T10:00:00Z'
    case 'date':
      return '2026-01-15'
    case 'json':
      return `'{}'`
    case 'url':
      return 'https://example.com'
    case 'email':
      return 'ada@example.com'
    case 'currency':
      return 'EUR'
    case 'id':
      return `contact_0123456789AB`
    default:
      return field.name === 'name' ? `'Ada Lovelace'` : `'${schema.name} ${field.name}'`
  }
}
