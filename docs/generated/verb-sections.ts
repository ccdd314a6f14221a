// The sections of `docs/verbs.md`: for each entity its states, and for each verb its source states, its target, and what it
// changes where.

import {
  domains,
  type EffectValue,
  type NounSchema,
  nouns,
  serviceDomains,
  serviceNouns,
  type Verb,
} from 'digital-objects'
import { markdownTable } from './markdown-table.ts'

const known = Object.values({ ...nouns, ...serviceNouns })
const schemas = new Map<string, NounSchema>(known.map(({ $schema }) => [$schema.name, $schema]))

export function verbSections(): string {
  const sections = [...Object.values(domains), ...Object.values(serviceDomains)].flatMap((names) =>
    names.flatMap((name) => {
      const schema = schemas.get(name)
      return schema === undefined || !hasRules(schema) ? [] : [verbSection(schema)]
    }),
  )
  return sections.join('\n\n')
}

function hasRules({ verbs, transitions }: NounSchema): boolean {
  return transitions.length > 0 || Object.values(verbs).some(({ category }) => category === 'custom')
}

function verbSection(schema: NounSchema): string {
  const { name, state, states, transitions, verbs } = schema
  const custom = Object.values(verbs).filter(({ category }) => category === 'custom')
  const rows = custom.map((verb) => [code(verb.name), ...moveOf(schema, verb), changesOf(schema, verb)])
  const starts = transitions.filter(({ verb }) => verb === 'create').map(({ to }) => code(to))
  const own = [
    ...(starts.length === 0 ? [] : [`\`create\` may also start at ${starts.join(', ')}`]),
    ...transitions.filter(({ verb }) => verb === 'update').map(movedBy),
  ]
  const ofStates = Object.entries(states).map(([value, { sets, holds }]) => [
    code(value),
    Object.entries(sets).map(setOf).join('; '),
    holds.map(code).join(', '),
  ])
  return [
    `## ${name}`,
    ...(state === undefined ? [] : [`The state is \`${state}\`.`]),
    ...(rows.length === 0 ? [] : [markdownTable(['verb', 'from', 'to', 'changes'], rows)]),
    ...(own.length === 0 ? [] : [`Besides: ${own.join('; ')}.`]),
    ...(ofStates.length === 0 ? [] : [markdownTable(['state', 'sets on entry', 'holds'], ofStates)]),
  ].join('\n\n')
}

function movedBy({ from, to }: NounSchema['transitions'][number]): string {
  return `\`update\` leads from ${from.map(code).join(', ')} to ${code(to)}`
}

/** The source states and the targets of a verb. */
function moveOf({ state, transitions }: NounSchema, { name, effect }: Verb): readonly [string, string] {
  const rows = transitions.filter((row) => row.verb === name)
  if (state === undefined || rows.length === 0) return ['any', '']
  const from = [...new Set(rows.flatMap((row) => row.from))].map(code)
  const creates = rows.some((row) => row.from.length === 0) || effect.creates === true ? ['none: it creates'] : []
  const targets = rows.filter((row) => !row.from.includes(row.to))
  const marks = new Map(
    targets.map((row) => [
      row.to,
      `${code(row.to)}${row.named === true ? ' if named' : ''}${row.irreversible ? ', irreversible' : ''}`,
    ]),
  )
  // A default target counts more than one that the caller has to name.
  for (const row of targets.filter(({ named }) => named !== true))
    marks.set(row.to, `${code(row.to)}${row.irreversible ? ', irreversible' : ''}`)
  return [[...creates, ...from].join(', '), targets.length === 0 ? 'stays' : [...marks.values()].join('; ')]
}

function changesOf({ name }: NounSchema, { effect }: Verb): string {
  const { sets, related = [], argumentsRequired = [], requires = [], analyzes = [] } = effect
  const required = argumentsRequired.map((names) => [names].flat().map(code).join(' or '))
  return [
    ...(analyzes.length === 0 ? [] : [`${analyzes.map(code).join(', ')} = the analysis, or what is sent`]),
    ...(required.length === 0 || analyzes.length > 0 ? [] : [`needs ${required.join(', ')}`]),
    ...(requires.length === 0 ? [] : ['needs a connection']),
    ...Object.entries(sets).map(setOf),
    ...related.map(
      (one) => `${relatedOf(name, one)}${'when' in one && one.when !== undefined ? ', if its condition holds' : ''}`,
    ),
  ].join('; ')
}

function relatedOf(noun: string, effect: NonNullable<Verb['effect']['related']>[number]): string {
  switch (effect.kind) {
    case 'create':
      return `creates a ${effect.noun}${effect.ifKnown === true ? ', if there is that type' : ''}`
    case 'find':
      return `finds a ${effect.noun}`
    case 'merge':
      return `merges the ${noun}s in ${code(effect.from)} into it`
    case 'call':
      return `calls ${code(effect.verb)} of ${code(effect.of)}`
    case 'update':
      return `sets ${Object.keys(effect.sets).map(code).join(', ')} of ${code(effect.of)}`
    default:
      return `moves ${Object.keys(effect.sets).map(code).join(', ')} of ${code(effect.of)} on`
  }
}

function setOf([name, value]: readonly [string, EffectValue]): string {
  if (isGivenOrNow(name, value)) return `${code(name)} = now, or what is sent`
  const text = valueOf(value)
  return text === undefined ? `sets ${code(name)}` : `${code(name)} = ${text}`
}

function isGivenOrNow(name: string, value: EffectValue): boolean {
  if (value.kind !== 'first' || value.of.length !== 2) return false
  const [sent, otherwise] = value.of
  return sent?.kind === 'argument' && sent.name === name && otherwise?.kind === 'now'
}

/** Returns a few words for simple values, and undefined for computed ones. */
function valueOf(value: EffectValue): string | undefined {
  switch (value.kind) {
    case 'literal':
      return code(String(value.value))
    case 'now':
      return 'now'
    case 'today':
      return 'today'
    case 'clear':
      return 'no value'
    case 'argument':
      return `the ${code(value.name)} that is sent`
    case 'ifEmpty': {
      const inner = valueOf(value.value)
      return inner === undefined ? undefined : `${inner} if empty`
    }
    case 'first': {
      const parts = value.of.map(valueOf)
      return parts.every((part) => part !== undefined) ? parts.join(', or else ') : undefined
    }
    case 'add':
      return `${value.amount} more`
    default:
      return undefined
  }
}

function code(text: string): string {
  return `\`${text}\``
}
