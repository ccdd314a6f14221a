// `schema`: lists the types, shows one, and puts, extends, compares or removes definitions of a JSON file.

import { type Field, isPlainObject, type NounDefinition, type NounSchema, parseJson } from 'digital-objects'
import { domainOf } from './domain-of.ts'
import type { Row } from './row.ts'
import { atFlag, atOf } from './at-flag.ts'
import type { Command, CommandCall } from './command.ts'
import { diffDefinitions } from './diff-definitions.ts'
import { dryRunFlag, printWritten } from './dry-run.ts'
import { factsOf, typeText, withFacts } from './field-flag.ts'
import type { Flag } from './flag.ts'
import type { Output } from './output.ts'
import { readText } from './read-text.ts'
import { UsageError } from './usage-error.ts'

const actions = ['put', 'patch', 'diff', 'delete'] as const
type Action = (typeof actions)[number]

const idempotencyKey: Flag = {
  name: 'idempotency-key',
  kind: 'value',
  placeholder: '<key>',
  about: 'repeating a write with the same key writes once',
}

export const schemaCommand: Command = {
  name: 'schema',
  words: ['[Type|put|patch|diff|delete]', '[Type]', '[file]'],
  about: 'list the types, show one, or change definitions: put Vehicle vehicle.json',
  example: 'schema put Vehicle vehicle.json',
  flags: [atFlag, idempotencyKey, dryRunFlag],
  async run(call) {
    const [first, ...others] = call.words
    const action = actions.find((one) => one === first)
    if (action !== undefined) return change(action, call)
    if (others.length > 0) throw new UsageError(`expected one of ${actions.join(', ')}, got '${first ?? ''}'`, 'schema')
    if (first === undefined) list(call)
    else show(call.types.parse(first), call.output)
    return 0
  },
}

function list({ types, output }: CommandCall): void {
  const own = new Set(types.defined.map(({ name }) => name))
  const rows = types.names.map((name): Row => {
    const schema = types.parse(name)
    const domain = domainOf(name) || (own.has(name) ? 'own' : '')
    return { type: name, domain, verbs: Object.keys(schema.verbs).join(' '), about: schema.about ?? '' }
  })
  output.rows(rows, ['type', 'domain', 'about'], { isLastWhole: true })
}

function show(schema: NounSchema, output: Output): void {
  if (output.isJson) return output.json(schema)
  output.rows(Object.values(schema.fields).map(fieldRow), ['field', 'type', 'about'], { isLastWhole: true })
  output.line('')
  const verbs = Object.values(schema.verbs).map(({ name: verb, event, description = '' }): Row => ({
    verb,
    event: `${schema.name}.${event}`,
    about: description,
  }))
  output.rows(verbs, ['verb', 'event', 'about'], { isLastWhole: true })
}

async function change(action: Action, call: CommandCall): Promise<number> {
  const { words, flags, types, output, client, signal } = call
  const [, name, file] = words
  if (name === undefined) throw new UsageError(`schema ${action} expects <Type>`, 'schema')
  const [key, isDryRun] = [flags.text('idempotency-key'), flags.isOn('dry-run')]
  const options = { signal, ...(key === undefined ? {} : { idempotencyKey: key }), ...atOf(flags) }
  if (action === 'delete') {
    if (file !== undefined) throw new UsageError(`schema delete does not expect '${file}'`, 'schema')
    const { schema } = client()
    const done = isDryRun ? await schema.delete(name, { ...options, dryRun: true }) : await schema.delete(name, options)
    return printWritten(call, done, () => output.lineOrJson(`removed ${name}`, { removed: name }))
  }
  if (file === undefined) throw new UsageError(`schema ${action} expects <file>`, 'schema')
  const given = readDefinition(file)
  if (action === 'diff') {
    const rows = diffDefinitions(types.find(name)?.definition, given, { isAddition: types.isBuiltIn(name) })
    if (rows.length === 0) output.lineOrJson('the same', [])
    else output.rows(rows, ['part', 'server', 'file'])
    return 0
  }
  const { schema } = client()
  const whole = { fields: {}, ...given }
  const trial = { ...options, dryRun: true } as const
  if (isDryRun) {
    const tried = await (action === 'put' ? schema.put(name, whole, trial) : schema.patch(name, given, trial))
    return printWritten(call, tried, () => {})
  }
  const { definition } = await (action === 'put'
    ? schema.put(name, whole, options)
    : schema.patch(name, given, options))
  output.lineOrJson(`${name} has ${Object.keys(definition.fields).length} fields and verbs`, definition)
  return 0
}

function readDefinition(file: string): Partial<NounDefinition> {
  const wrong = (): UsageError => new UsageError(`${file} expects a definition as a JSON object`, 'schema')
  const value = parseJson(readText(file, 'schema'), wrong)
  if (!isPlainObject(value)) throw wrong()
  // The server checks what it says.
  return value
}

function fieldRow(field: Field): Row {
  const { name, description } = field
  const [type, facts] =
    field.kind === 'reverse'
      ? [`${field.from} by ${field.by}`, 'relation, for --include']
      : [typeText(field), factsOf(field)]
  return { field: name, type, about: withFacts(description, facts) }
}
