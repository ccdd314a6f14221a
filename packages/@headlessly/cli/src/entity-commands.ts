// The commands of one Noun, made from it: `Contact.create`, `Contact.find`, `Contact.qualify`.

import { type NounSchema, validateCreate, type Verb } from 'digital-objects'
import { anyEntity, type Row } from './any-entity.ts'
import { checkRead, namesIn } from './check-read.ts'
import type { Command, CommandCall } from './command.ts'
import { argumentFlags, fieldFlags, storedFields } from './field-flag.ts'
import { type Flag, jsonObject, wholeNumber } from './flag.ts'
import type { FlagValues } from './parse-flags.ts'
import { UsageError } from './usage-error.ts'

const idempotencyKey: Flag = {
  name: 'idempotency-key',
  kind: 'value',
  placeholder: '<text>',
  about: 'the same key is the same write, done once',
}
const ifVersion: Flag = {
  name: 'if-version',
  kind: 'value',
  placeholder: '<number>',
  about: 'the $version that it must have',
  parse: wholeNumber(1, 999_999_999_999_999),
}
const set: Flag = {
  name: 'set',
  kind: 'value',
  placeholder: '<json>',
  about: 'fields as a JSON object; those given by flags win',
  parse: jsonObject,
}
const clear: Flag = {
  name: 'clear',
  kind: 'list',
  placeholder: '<field>',
  about: 'takes its value away; may come several times',
}
export const filterFlag: Flag = {
  name: 'filter',
  kind: 'value',
  placeholder: '<json>',
  about: `such as '{"value":{"$gte":1000}}'; flags of fields narrow it`,
  parse: jsonObject,
}
export const asOf: Flag = {
  name: 'as-of',
  kind: 'value',
  placeholder: '<moment>',
  about: 'what was true then: 2026-01-15T10:00:00Z',
}
const strong: Flag = { name: 'strong', kind: 'switch', about: 'the newest committed state' }
const include: Flag = { name: 'include', kind: 'value', placeholder: '<relation,…>', about: 'relations as entities' }
const fields: Flag = { name: 'fields', kind: 'value', placeholder: '<field,…>', about: 'nothing but these' }
const find: readonly Flag[] = [
  { name: 'sort', kind: 'value', placeholder: '<field,…>', about: '-field for the other direction; newest first' },
  {
    name: 'limit',
    kind: 'value',
    placeholder: '<number>',
    about: 'at most; 50 unless given',
    parse: wholeNumber(1, 1_000),
  },
  { name: 'cursor', kind: 'value', placeholder: '<text>', about: 'where an earlier page ended' },
  filterFlag,
  fields,
  include,
  strong,
  asOf,
]

export function entityCommands(schema: NounSchema): Command[] {
  const { name, idPrefix, disabled, verbs } = schema
  const id = `${idPrefix}_0123456789AB`
  const [sample] = sampleFlags(schema)
  const isAllowed = (verb: 'create' | 'update' | 'delete'): boolean => !disabled.includes(verb)
  const commands: Command[] = []
  const add = (method: string, command: Omit<Command, 'name' | 'example'> & { readonly example: string }): void =>
    void commands.push({
      ...command,
      name: `${name}.${method}`,
      example: `${name}.${method} ${command.example}`.trim(),
    })
  if (isAllowed('create'))
    add('create', {
      words: [],
      about: `makes a ${name}`,
      example: sampleFlags(schema).join(' '),
      flags: [set, idempotencyKey, ...fieldFlags(schema)],
      run: (call) => create(schema, call),
    })
  add('get', {
    words: ['<id>'],
    about: `shows a ${name}`,
    example: id,
    flags: [include, fields, strong, asOf],
    run: (call) => get(schema, call),
  })
  add('find', {
    words: [],
    about: `lists those that match`,
    example: `${sample ?? ''} --limit 20`.trim(),
    flags: [...find, ...fieldFlags(schema)],
    run: (call) => list(schema, call),
  })
  add('count', {
    words: [],
    about: `how many match`,
    example: sample ?? '',
    flags: [filterFlag, strong, asOf, ...fieldFlags(schema)],
    run: async ({ flags, output, client, signal }) => {
      checkRead(schema, flags, `${name}.count`)
      const count = await anyEntity(client(), schema).count(filterOf(schema, flags), { ...readOptions(flags), signal })
      output.lineOrJson(String(count), { count })
      return 0
    },
  })
  if (isAllowed('update'))
    add('update', {
      words: ['<id>'],
      about: `changes the fields that are given`,
      example: `${id} ${sample ?? ''}`.trim(),
      flags: [set, clear, ifVersion, idempotencyKey, ...fieldFlags(schema)],
      run: (call) => change(schema, 'update', call),
    })
  if (isAllowed('delete'))
    add('delete', {
      words: ['<id>'],
      about: `deletes a ${name}; its past stays`,
      example: id,
      flags: [ifVersion, idempotencyKey],
      run: async ({ words: [target = ''], flags, output, client, signal }) => {
        await anyEntity(client(), schema).perform('delete', target, { ...writeOptions(flags), signal })
        output.lineOrJson(`deleted ${target}`, { deleted: target })
        return 0
      },
    })
  for (const verb of Object.values(verbs)) {
    if (verb.category !== 'custom') continue
    const creates = verb.effect.creates === true
    add(verb.name, {
      words: [creates ? '[id]' : '<id>'],
      about: `${name}.${verb.event}${creates ? '; makes one where no id is given' : ''}`,
      example: creates ? sampleFlags(schema).join(' ') : id,
      flags: verbFlags(schema, verb),
      run: (call) => change(schema, verb.name, call),
    })
  }
  return commands
}

function verbFlags(schema: NounSchema, verb: Verb): Flag[] {
  const own = argumentFlags(schema, verb)
  const others = fieldFlags(schema).filter(({ name }) => own.every((one) => one.name !== name))
  return [set, clear, ifVersion, idempotencyKey, ...own, ...others]
}

async function create(schema: NounSchema, call: CommandCall): Promise<number> {
  const { flags, output, client, signal } = call
  const data = dataOf(schema, flags)
  const checked = validateCreate(schema, data)
  if (!checked.ok) {
    const faults = checked.faults.map(({ field, message }) => `--${field} ${message}`)
    throw new UsageError(faults.join('\n'), `${schema.name}.create`)
  }
  const entity = await anyEntity(client(), schema).perform('create', data, { ...writeOptions(flags), signal })
  output.record(entity ?? {})
  return 0
}

async function change(schema: NounSchema, method: string, call: CommandCall): Promise<number> {
  const { words, flags, output, client, signal } = call
  const [id] = words
  const data = dataOf(schema, flags)
  if (method === 'update' && Object.keys(data).length === 0)
    throw new UsageError('expected a field to change, such as --set or --clear', `${schema.name}.update`)
  const given = id === undefined ? [data] : [id, data]
  const entity = await anyEntity(client(), schema).perform(method, ...given, { ...writeOptions(flags), signal })
  output.record(entity ?? {})
  return 0
}

async function get(schema: NounSchema, call: CommandCall): Promise<number> {
  const { words, flags, output, client, signal } = call
  const [id = ''] = words
  checkRead(schema, flags, `${schema.name}.get`)
  const entity = await anyEntity(client(), schema).get(id, { ...readOptions(flags), signal })
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
  checkRead(schema, flags, `${schema.name}.find`)
  const [sort, cursor, limit] = [flags.text('sort'), flags.text('cursor'), flags.number('limit')]
  const page = await anyEntity(client(), schema).find(filterOf(schema, flags), {
    ...readOptions(flags),
    ...(sort === undefined ? {} : { sort }),
    ...(cursor === undefined ? {} : { cursor }),
    ...(limit === undefined ? {} : { limit }),
    signal,
  })
  output.rows(page, columnsOf(schema, page, namesIn(flags.text('fields'))))
  if (page.hasMore) {
    const of = page.total === null ? '' : ` of ${page.total}`
    const next = page.cursor === null ? '' : `; the next: --cursor ${page.cursor}`
    output.note(`${page.length}${of}${next}`)
  }
  return 0
}

const columnsMax = 6

/** Those that were asked for, or the first fields in which a row has a value that is short. */
function columnsOf(schema: NounSchema, rows: readonly Row[], asked: readonly string[]): string[] {
  if (asked.length > 0) return ['$id', ...asked.filter((name) => name !== '$id')]
  const short = storedFields(schema).filter((field) => field.kind !== 'data' || field.type !== 'json')
  const used = short.filter(({ name }) => rows.some((row) => row[name] !== undefined))
  // Fields of which every entity has a value come first: rows with gaps tell less.
  const full = used.filter(({ name }) => rows.every((row) => row[name] !== undefined))
  const names = [...full, ...used.filter((field) => !full.includes(field))].map(({ name }) => name)
  const shown = new Set(names.slice(0, columnsMax))
  return ['$id', ...short.map(({ name }) => name).filter((name) => shown.has(name))]
}

/** Field flags over `--set`, and what `--clear` names as null. */
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

/** Every name that a write may carry. A flag of the command itself has another form. */
function dataNames(schema: NounSchema): string[] {
  const verbs = Object.values(schema.verbs).flatMap((verb) => argumentFlags(schema, verb))
  return [...storedFields(schema), ...verbs].map(({ name }) => name)
}

/** The flags of fields and `--filter`, both of which must hold. */
export function filterOf(schema: NounSchema, flags: FlagValues): object {
  const own = new Set(find.map(({ name }) => name))
  const given = storedFields(schema).filter(({ name }) => flags.has(name) && !own.has(name))
  const equal = Object.fromEntries(given.map(({ name }) => [name, flags.value(name)]))
  const filter = flags.object('filter')
  if (filter === undefined) return equal
  return given.length === 0 ? filter : { $and: [equal, filter] }
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

function writeOptions(flags: FlagValues): object {
  const [version, key] = [flags.number('if-version'), flags.text('idempotency-key')]
  return {
    ...(version === undefined ? {} : { ifVersion: version }),
    ...(key === undefined ? {} : { idempotencyKey: key }),
  }
}

/** Flags that make an example: the required fields, or the first. */
function sampleFlags(schema: NounSchema): string[] {
  const fields = storedFields(schema)
  const required = fields.filter((field) => field.required && !('default' in field && field.default !== undefined))
  return (required.length > 0 ? required : fields.slice(0, 1)).map(
    (field) => `--${field.name} ${sampleOf(schema, field)}`,
  )
}

function sampleOf(schema: NounSchema, field: ReturnType<typeof storedFields>[number]): string {
  if (field.kind === 'enum') return field.values[0] ?? ''
  if (field.kind === 'reference') return `${(field.to[0] ?? '').toLowerCase()}_0123456789AB`
  switch (field.type) {
    case 'number':
      return '42'
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
    case 'id':
      return `contact_0123456789AB`
    default:
      return field.name === 'name' ? `'Ada Lovelace'` : `'${schema.name} ${field.name}'`
  }
}
