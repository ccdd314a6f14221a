// Parses the rules of a Noun that compare its fields, and checks them against its fields and verbs. The bundle of a client
// leaves this out.

import { type Factor, factorsOf, fieldsInSum, parseSum, type Term } from './amount-expression.ts'
import type { AmountRules, Bound, Comparison, FrozenRule, NumberRule, SumRule, WhileState } from './amount-rules.ts'
import type { FieldTexts, NounDefinition } from './definition.ts'
import { invalidDefinition } from './invalid-definition.ts'
import { ObjectError } from '../base/object-error.ts'
import { isNumberPattern } from '../settings/number-pattern.ts'
import type { DataType, Field, NounSchema, StoredField, Verb } from './schema.ts'

const rulesMax = 60
const numericTypes: readonly DataType[] = ['number', 'integer', 'money']

interface Members {
  readonly noun: string
  readonly fields: Readonly<Record<string, Field>>
  readonly verbs: Readonly<Record<string, Verb>>
  readonly texts: FieldTexts
}

const parsed = new WeakMap<NounSchema, AmountRules>()

/** The rules are parsed at their first use. Throws an ObjectError `invalid_definition` that names the rule. */
export function amountRulesOf(schema: NounSchema): AmountRules {
  let rules = parsed.get(schema)
  if (rules === undefined) {
    const { name: noun, fields, verbs, definition } = schema
    rules = parseAmountRules({ noun, fields, verbs, texts: definition.fields }, definition)
    parsed.set(schema, rules)
  }
  return rules
}

function parseAmountRules(
  members: Members,
  { bounds = [], frozen = [], numbers = {} }: Pick<NounDefinition, 'bounds' | 'frozen' | 'numbers'>,
): AmountRules {
  for (const [part, list] of Object.entries({ bounds, frozen }))
    if (list.length > rulesMax) throw invalidRule(members, part, `at most ${rulesMax} rules, got ${list.length}`)
  const rules = bounds.map((bound, at) => {
    const rule = typeof bound === 'string' ? { rule: bound } : bound
    return { rule, place: `bounds[${at}]`, hierarchy: acyclicPattern.exec(rule.rule)?.[1] }
  })
  const comparisons = rules.flatMap(({ rule, place, hierarchy }) =>
    hierarchy === undefined ? [parseBound(members, place, rule)] : [],
  )
  const isTotal = ({ sides }: Bound): boolean =>
    factorsOf(sides.flat()).some((factor) => factor.kind === 'items' && isReverse(members, factor.field))
  return {
    sums: orderedSums(members),
    bounds: comparisons.filter((bound) => !isTotal(bound)),
    totals: comparisons.filter(isTotal),
    acyclic: rules.flatMap(({ rule, place, hierarchy }) =>
      hierarchy === undefined ? [] : [parseAcyclic(members, place, { name: hierarchy, while: rule.while })],
    ),
    frozen: frozen.map((rule, at) => parseFrozen(members, `frozen[${at}]`, rule)),
    numbers: Object.entries(numbers).flatMap(([field, rule]) =>
      rule === undefined ? [] : [parseNumber(members, field, rule)],
    ),
  }
}

/** Orders sums so that each comes after those that it reads. */
function orderedSums(members: Members): readonly SumRule[] {
  const open = Object.values(members.fields).flatMap((field): SumRule[] => {
    if (field.kind !== 'data' || field.sum === undefined) return []
    const terms = parseSum(field.sum)
    if (terms === undefined)
      throw invalidRule(members, field.name, `a sum of fields such as 'subtotal - discount + tax', got '${field.sum}'`)
    for (const factor of factorsOf(terms)) {
      checkFactor(members, field.name, factor)
      if (factor.kind === 'items' && isReverse(members, factor.field))
        throw invalidRule(members, field.name, `a sum of its own fields, got '${factor.field}'; a bound may compare it`)
    }
    if (factorsOf(terms).some((factor) => typeOfFactor(members, factor) !== 'number'))
      throw invalidRule(members, field.name, `a sum of numbers, got '${field.sum}'`)
    return [{ field: field.name, terms, text: field.sum, isWhole: field.type !== 'number' }]
  })
  const ordered: SumRule[] = []
  while (open.length > 0) {
    const next = open.findIndex(
      ({ terms }) => !fieldsInSum(terms).some((name) => open.some((sum) => sum.field === name)),
    )
    if (next < 0) throw invalidRule(members, open[0]?.field ?? 'fields', 'a sum that does not lead back to itself')
    ordered.push(...open.splice(next, 1))
  }
  return ordered
}

const acyclicPattern = /^\s*acyclic\s+(\S+)\s*$/

/** A state cannot limit it: an entity that leaves the state would come under itself. */
function parseAcyclic(
  members: Members,
  place: string,
  { name, while: state }: { readonly name: string; readonly while: WhileState | undefined },
): string {
  const field = storedField(members, name)
  const isOwn = field?.kind === 'reference' && !field.many && (field.any === true || field.to.includes(members.noun))
  if (!isOwn || state !== undefined)
    throw invalidRule(members, place, `a reference to ${members.noun} in every state, got '${name.slice(0, 64)}'`)
  return name
}

function parseBound(
  members: Members,
  place: string,
  { rule, while: state }: { readonly rule: string; readonly while?: WhileState },
): Bound {
  const parts = rule.split(/(<=|>=|<|>|=)/)
  const sides = parts.filter((_, at) => at % 2 === 0).map((side) => parseSum(side.trim()))
  const known = sides.filter((side) => side !== undefined)
  if (known.length < 2 || known.length !== sides.length || known.length > 3)
    throw invalidRule(members, place, `a comparison such as '0 < amount <= total', got '${rule.slice(0, 100)}'`)
  for (const factor of factorsOf(known.flat())) checkFactor(members, place, factor)
  const types = new Set(known.map((side) => typeOfSide(members, side)).filter((type) => type !== 'unknown'))
  if (types.size > 1)
    throw invalidRule(members, place, `values of one type to compare, got ${[...types].join(' and ')} in '${rule}'`)
  const condition = state === undefined ? undefined : parseWhile(members, `${place}.while`, state)
  const fields = new Set([...known.flatMap(fieldsInSum), ...(condition === undefined ? [] : [condition.field])])
  return {
    text: rule,
    sides: known,
    comparisons: parts.filter((_, at) => at % 2 === 1) as Comparison[], // the pattern splits at no others
    fields: [...fields],
    ...(condition === undefined ? {} : { while: condition }),
  }
}

type ValueType = 'number' | 'string' | 'date' | 'datetime' | 'unknown'

function typeOfSide(members: Members, side: readonly Term[]): ValueType {
  const [only, ...others] = side
  const isSingle = only !== undefined && others.length === 0 && only.sign === 1 && only.kind !== 'product'
  return isSingle ? typeOfFactor(members, only) : 'number'
}

/** The type of a field of another Noun is not known here. */
function typeOfFactor({ fields }: Members, factor: Factor): ValueType {
  if (factor.kind === 'number' || factor.kind === 'items') return 'number'
  if (factor.kind === 'related') return 'unknown'
  const field = fields[factor.field]
  if (field?.kind !== 'data') return 'string'
  if (numericTypes.includes(field.type)) return 'number'
  return field.type === 'date' || field.type === 'datetime' ? field.type : 'string'
}

function checkFactor(members: Members, place: string, factor: Factor): void {
  if (factor.kind === 'number') return
  const field = storedField(members, factor.field)
  const isRight =
    factor.kind === 'items'
      ? (field?.kind === 'data' && field.type === 'json') || isReverse(members, factor.field)
      : factor.kind === 'related'
        ? field?.kind === 'reference' && !field.many
        : field !== undefined && !field.many
  if (isRight) return
  const expected = {
    items: 'a json field with a list or a reverse relation',
    related: 'a reference',
    field: 'a stored field',
  }[factor.kind]
  throw invalidRule(members, place, `${expected}, got '${factor.field}'`)
}

function parseFrozen(members: Members, place: string, rule: NonNullable<NounDefinition['frozen']>[number]): FrozenRule {
  const { fields = [], while: state, onCreate = false, delete: isDelete = false } = rule
  for (const name of fields)
    if (storedField(members, name) === undefined)
      throw invalidRule(members, place, `stored fields, got '${name.slice(0, 64)}'`)
  if (fields.length === 0 && !isDelete) throw invalidRule(members, place, `fields, or "delete": true`)
  return {
    fields,
    onCreate,
    delete: isDelete,
    ...(state === undefined ? {} : { while: parseWhileOrPath(members, `${place}.while`, state) }),
  }
}

/** The field of another Noun is not known here. */
function parseWhileOrPath(members: Members, place: string, state: WhileState): WhileState {
  const [reference = '', name, ...others] = state.field.split('.')
  if (name === undefined) return parseWhile(members, place, state)
  const field = storedField(members, reference)
  if (field?.kind !== 'reference' || field.many || name === '' || others.length > 0 || state.values.length === 0)
    throw invalidRule(
      members,
      place,
      `a reference and an enum field, such as invoice.status, got '${state.field.slice(0, 64)}'`,
    )
  return state
}

function parseWhile(members: Members, place: string, { field, values }: WhileState): WhileState {
  const found = storedField(members, field)
  if (found?.kind !== 'enum' || found.many)
    throw invalidRule(members, place, `the name of an enum field, got '${field.slice(0, 64)}'`)
  const other = values.find((value) => !found.values.includes(value))
  if (other !== undefined || values.length === 0)
    throw invalidRule(
      members,
      place,
      `values of ${field} (${found.values.join(', ')}), got '${String(other).slice(0, 64)}'`,
    )
  return { field, values }
}

function parseNumber(
  members: Members,
  field: string,
  { pattern, by }: { readonly pattern: string; readonly by: string },
): NumberRule {
  const place = `numbers.${field.slice(0, 64)}`
  const found = storedField(members, field)
  if (found?.kind !== 'data' || found.type !== 'string' || !found.unique)
    throw invalidRule(members, place, `a unique string field such as 'string##'`)
  if (!isNumberPattern(pattern))
    throw invalidRule(
      members,
      place,
      `a pattern with one {number} or {number:4}, and {year}, {month} and {day}, got '${pattern.slice(0, 64)}'`,
    )
  const verb = Object.hasOwn(members.verbs, by) ? members.verbs[by] : undefined
  // A Noun without `create` is created by effects.
  if (by !== 'create' && verb?.category !== 'custom')
    throw invalidRule(members, place, `create or a custom verb in 'by', got '${by.slice(0, 64)}'`)
  return { field, pattern, by }
}

/** Without the service that brings the other Noun, a relation is declared but missing. */
function isReverse({ fields, texts }: Members, name: string): boolean {
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined
  if (field !== undefined) return field.kind === 'reverse' && field.many
  const text = Object.hasOwn(texts, name) ? texts[name] : undefined
  return text?.trimStart().startsWith('<-') === true && text.trimEnd().endsWith('[]')
}

function storedField({ fields }: Members, name: string): StoredField | undefined {
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined
  return field === undefined || field.kind === 'reverse' ? undefined : field
}

function invalidRule({ noun }: Members, place: string, expected: string): ObjectError {
  return invalidDefinition(place, `${noun}: ${place} expects ${expected}`)
}
