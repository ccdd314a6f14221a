import { Contact, describeSchema, Deal, FeatureFlag, Noun, nouns } from 'digital-objects'
import { expect, test } from 'vitest'
import { commonFlags } from './command.ts'
import { commandNames, programCommands } from './commands.ts'
import { completeWords } from './complete-words.ts'
import { entityCommands } from './entity-commands.ts'
import { filterOf } from './read-flags.ts'
import { builtInTypes } from './entity-types.ts'
import { helpText } from './help.ts'
import { parseFlags } from './parse-flags.ts'

function parse(schema: typeof Deal.$schema, method: string, words: readonly string[]): ReturnType<typeof parseFlags> {
  const command = entityCommands(schema).find(({ name }) => name === `${schema.name}.${method}`)
  return parseFlags(words, [...(command?.flags ?? []), ...commonFlags], `${schema.name}.${method}`)
}

test('values have the types of their fields', () => {
  const words = ['--name', '42', '--value=1.5e3', '--stage', 'Proposal', '--closedAt', '2026-01-15T10:00:00Z']
  const { flags } = parse(Deal.$schema, 'create', [...words, '--metadata', '{"a":[1]}', '--', '--name'])
  expect(['name', 'value', 'stage', 'closedAt', 'metadata'].map((name) => flags.value(name))).toEqual([
    '42',
    1500,
    'Proposal',
    '2026-01-15T10:00:00Z',
    { a: [1] },
  ])
})

test('a value may begin with one dash, and words after -- are not flags', () => {
  const { flags, positionals } = parse(Contact.$schema, 'find', [
    '--sort',
    '-name',
    '--leadScore',
    '-3',
    'a',
    '--',
    '--json',
  ])
  expect(flags.text('sort')).toBe('-name')
  expect(flags.value('leadScore')).toBe(-3)
  expect(positionals).toEqual(['a', '--json'])
  expect(flags.isOn('json')).toBe(false)
})

test('a boolean flag is true without a value, accepts a value, and can be negated', () => {
  const boolean = Object.values(nouns)
    .flatMap(({ $schema }) => Object.values($schema.fields).map((field) => ({ $schema, field })))
    .find(
      ({ field, $schema }) => field.kind === 'data' && field.type === 'boolean' && !$schema.disabled.includes('update'),
    )
  const { $schema, field } = boolean ?? { $schema: FeatureFlag.$schema, field: { name: '' } }
  const value = (...words: readonly string[]): unknown =>
    parse($schema, 'update', ['x', ...words]).flags.value(field.name)
  expect(value(`--${field.name}`)).toBe(true)
  expect(value(`--${field.name}`, 'false')).toBe(false)
  expect(value(`--${field.name}=false`)).toBe(false)
  expect(value(`--no-${field.name}`)).toBe(false)
  expect(() => value(`--${field.name}=yes`)).toThrow(`--${field.name} expects a boolean, got "yes"`)
})

test.each([
  [['--value', 'much'], '--value expects a number from 0, got "much"'],
  [['--value', ''], '--value expects a number from 0, got ""'],
  [['--value', 'Infinity'], '--value expects a number from 0, got "Infinity"'],
  [['--stage', 'Propsal'], 'got "Propsal"; did you mean \'Proposal\'?'],
  [['--closedAt', 'tomorrow'], 'such as 2026-01-15T10:00:00Z, got "tomorrow"'],
  [['--metadata', '{a}'], '--metadata expects JSON, got "{a}"'],
  [['--contact', 'deal_0123456789AB'], '--contact expects the id of a Contact'],
  [['--vlaue', '1'], 'unknown flag --vlaue; did you mean --value?'],
  [['--constructor', '1'], 'unknown flag --constructor'],
  [['--__proto__', '1'], 'unknown flag --__proto__'],
  [['--name', '--value', '1'], '--name expects a value; write --name=--value if the value begins with --'],
  [['--name'], '--name expects a value'],
  [['--name', 'a', '--name', 'b'], '--name is given twice'],
  [['--json=yes'], "--json takes no value, got 'yes'"],
  [['--set', '[1]'], '--set expects a JSON object'],
])('%j is refused: %s', (words, sentence) => {
  expect(() => parse(Deal.$schema, 'update', ['deal_0123456789AB', ...words])).toThrow(sentence)
})

test('help of every command names its words and flags and has a valid example', () => {
  const commands = [...programCommands, ...Object.values(nouns).flatMap(({ $schema }) => entityCommands($schema))]
  expect(commands.length).toBeGreaterThan(250)
  for (const command of commands) {
    const text = helpText(command.name, builtInTypes)
    for (const flag of command.flags) expect(text).toContain(`--${flag.name}`)
    expect(text).toContain(`headlessly ${command.example}`)
    expect(command.example.startsWith(command.name)).toBe(true)
    const words = (command.example.split(' > ', 1)[0] ?? '').match(/'[^']*'|\S+/g) ?? []
    const plain = words.slice(1).map((word) => word.replace(/^'(.*)'$/, '$1'))
    const { positionals } = parseFlags(plain, [...command.flags, ...commonFlags], command.name)
    expect(positionals.length).toBeGreaterThanOrEqual(command.words.filter((word) => word.startsWith('<')).length)
  }
  for (const name of commandNames) expect(helpText(name, builtInTypes)).toContain('headlessly ')
})

test('help of a type and of its commands describes the type, its verbs and its fields', () => {
  for (const { $name, $schema } of Object.values(nouns)) {
    const described = describeSchema($schema)
    const help = helpText($name, builtInTypes)
    expect(help).toContain(`${$name}: ${described.about}`)
    for (const { name, category, description, effect } of Object.values(described.verbs))
      if (category === 'custom' && effect.systemOnly !== true) expect(help, `${$name}.${name}`).toContain(description)
    const flags = helpText(`${$name}.create`, builtInTypes)
    for (const { name, kind, description } of Object.values(described.fields))
      if (kind !== 'reverse') expect(flags, `${$name}.${name}`).toContain(description)
  }
})

test("no flag of a write command hides a field's flag", () => {
  for (const { $schema } of Object.values(nouns))
    for (const { name, flags } of entityCommands($schema)) {
      if (/\.(?:find|count|get)$/.test(name)) continue
      const names = [...flags, ...commonFlags].map((flag) => flag.name)
      expect(names.filter((one, at) => names.indexOf(one) !== at)).toEqual([])
    }
})

test('completion covers commands, types, methods, flags and values', () => {
  const complete = (...words: readonly string[]): string[] =>
    completeWords(words, { commands: programCommands, names: commandNames, types: builtInTypes })
  expect(complete('ver')).toEqual(['verify'])
  expect(complete('Con')).toEqual(['Contact.', 'Content.'])
  expect(complete('Contact.q')).toEqual(['Contact.qualify'])
  expect(complete('do', 'Contact.q')).toEqual(['Contact.qualify'])
  expect(complete('do', '--fi')).toEqual(['--file'])
  expect(complete('query', 'Dea')).toEqual(['Deal'])
  expect(complete('import', 'Dea')).toEqual(['Deal'])
  expect(complete('query', 'Deal', '--sta')).toEqual(['--stage'])
  expect(complete('Deal.find', '--stage', 'N')).toEqual(['Negotiation'])
  expect(complete('events', '--fo')).toEqual(['--follow'])
  expect(complete('completion', '')).toEqual(['bash', 'fish', 'zsh'])
  expect(complete('nonsense', '')).toEqual([])
})

test('flags know whole numbers, amounts, ranges, defaults and descriptions', () => {
  const { $schema } = Noun(
    'Vehicle',
    { name: 'string!', seats: 'integer(1..60) = 5', price: 'money(0..)', currency: 'string = EUR', note: 'text?' },
    { descriptions: { seats: 'How many people fit.' } },
  )
  const { flags } = parse($schema, 'create', ['--name', 'a', '--seats', '4', '--price', '1999', '--note', '12'])
  expect(['seats', 'price', 'note'].map((name) => flags.value(name))).toEqual([4, 1999, '12'])
  expect(() => parse($schema, 'create', ['--seats', '61'])).toThrow(
    '--seats expects a whole number from 1 to 60, got 61',
  )
  expect(() => parse($schema, 'create', ['--price', '19.99'])).toThrow('--price expects a whole number of minor units')
  const seats = entityCommands($schema)[0]?.flags.find(({ name }) => name === 'seats')
  expect(seats).toMatchObject({ placeholder: '<integer 1..60>', about: 'How many people fit. (5 by default)' })
})

test('a flag of a list takes values with commas between them, or JSON', () => {
  const { $schema } = Noun('Vehicle', { tags: 'string[]', sizes: 'integer[]', colors: '(Red | Blue)[]' })
  const { flags } = parse($schema, 'create', ['--tags', 'a, b,a', '--sizes', '[1,2]', '--colors', 'Red'])
  expect(['tags', 'sizes', 'colors'].map((name) => flags.value(name))).toEqual([['a', 'b', 'a'], [1, 2], ['Red']])
  expect(() => parse($schema, 'create', ['--sizes', '1,x'])).toThrow('--sizes expects a whole number, got "x"')
  expect(() => parse($schema, 'create', ['--colors', 'Red,Green'])).toThrow('--colors expects one of Red, Blue')
  expect(
    filterOf($schema, parse($schema, 'find', ['--tags', 'a,b', '--filter', '{"sizes":1}']).flags, {
      others: ['filter'],
    }),
  ).toEqual({
    $and: [{ tags: 'a' }, { tags: 'b' }, { sizes: 1 }],
  })
  expect(parse($schema, 'create', ['--tags', '']).flags.value('tags')).toEqual([])
  for (const none of ['', '[]'])
    expect(filterOf($schema, parse($schema, 'find', ['--tags', none]).flags, { others: ['filter'] })).toEqual({
      tags: [],
    })
  expect(entityCommands($schema)[0]?.flags.find(({ name }) => name === 'tags')?.placeholder).toBe('<string,…>')
})
