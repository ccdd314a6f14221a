// The value of a feature flag for a subject. The first that decides is: a state in which the flag is off, an experiment, the
// first matching rule, the percentage.

import {
  type Entity,
  isPlainObject,
  type JsonValue,
  matches,
  type NounSchema,
  ObjectError,
  parseFilter,
} from 'digital-objects'
import { assign, percentOf } from './experiment.ts'
import {
  categoryOf,
  entityWithRole,
  nounOfId,
  nounsWithRole,
  nounWithRole,
  type ProductParts,
  productReader,
} from './product-parts.ts'
import { isMember, matchesEntity } from './segment.ts'
import { fractionOf, type Subject, unitOf } from './subject.ts'
import { pickVariant, variantsOf } from './variants.ts'

export interface FlagAnswer {
  readonly key: string
  readonly value: JsonValue
  readonly reason: 'off' | 'experiment' | 'rule' | 'rollout' | 'default'
  /** The key of the variant that gave the value. */
  readonly variant?: string
}

export interface FlagAsked {
  readonly noun: NounSchema
  readonly flag: Entity
  readonly subject: Subject
}

const rulesMax = 100

export function evaluateFlag(parts: ProductParts, asked: FlagAsked): FlagAnswer {
  const { noun, flag, subject } = asked
  const key = String(flag['key'])
  const unit = unitOf(subject)
  if (categoryOf(noun, flag) !== 'on') return { key, value: defaultOf(flag), reason: 'off' }
  const byExperiment = experimentValue(parts, asked)
  if (byExperiment !== undefined) return { key, ...byExperiment, reason: 'experiment' }
  const rules = rulesOf(flag['targetingRules'])
  for (const [at, rule] of rules.entries()) {
    if (!isMet(parts, { ...asked, rule })) continue
    const { enabled = true, percentage } = rule
    if (typeof percentage === 'number' && !isWithin(percentage, `${key}:${at}`, unit)) continue
    return {
      key,
      ...(enabled === false ? { value: defaultOf(flag) } : valueOf(flag, { unit, given: rule })),
      reason: 'rule',
    }
  }
  // Rules without a percentage choose who gets the feature; without either, all do.
  if (isWithin(percentOf(flag['rolloutPercentage'], rules.length > 0 ? 0 : 100), key, unit))
    return { key, ...valueOf(flag, { unit, given: {} }), reason: 'rollout' }
  return { key, value: defaultOf(flag), reason: 'default' }
}

/** The same units stay within a larger percentage. Without a unit, only all of them are. */
function isWithin(percentage: number, salt: string, unit: string | undefined): boolean {
  const percent = percentOf(percentage, 0)
  return unit === undefined ? percent >= 100 : fractionOf(salt, 'rollout', unit) * 100 < percent
}

function experimentValue(
  parts: ProductParts,
  { flag, subject }: FlagAsked,
): Pick<FlagAnswer, 'value' | 'variant'> | undefined {
  const found = entityWithRole(parts, flag['experiment'], 'experiment')
  if (found === undefined) return undefined
  const { variant } = assign(found.noun, found.entity, unitOf(subject))
  if (variant === undefined) return undefined
  return { value: variant.value ?? typed(flag, variant.key), variant: variant.key }
}

type Rule = Readonly<Record<string, JsonValue>>

function rulesOf(value: JsonValue | undefined): readonly Rule[] {
  if (!Array.isArray(value)) return []
  return value.slice(0, rulesMax).filter((rule: JsonValue) => isPlainObject(rule))
}

interface RuleAsked extends FlagAsked {
  readonly rule: Rule
}

/** A rule that is not understood matches nobody. */
function isMet(parts: ProductParts, asked: RuleAsked): boolean {
  const { rule, subject } = asked
  const { type, value } = rule
  try {
    if (type === 'segment') return subject.contact !== undefined && isInSegment(parts, value, subject.contact)
    if (type === 'contact') return subject.contact !== undefined && [value ?? null].flat().includes(subject.contact)
    return isPropertyMet(parts, asked)
  } catch (error) {
    if (error instanceof ObjectError && error.code !== 'scan_limit' && error.code !== 'overloaded') return false
    throw error
  }
}

/** A segment is named by its id or its name. */
function isInSegment(parts: ProductParts, value: JsonValue | undefined, contact: string): boolean {
  if (typeof value !== 'string') return false
  const byId = entityWithRole(parts, value, 'segment')?.entity
  const segment = byId ?? segmentNamed(parts, value)
  return segment !== undefined && isMember(parts, segment, contact)
}

function segmentNamed(parts: ProductParts, name: string): Entity | undefined {
  const reader = productReader(parts)
  for (const noun of nounsWithRole(parts, 'segment')) {
    if (noun.fields['name'] === undefined) continue
    const filter = parseFilter({ name }, { schema: noun, lookup: parts.lookup })
    const shape = { includes: [], fields: undefined }
    const request = {
      noun,
      filter,
      sort: undefined,
      limit: 1,
      cursor: undefined,
      isCounted: false,
      asOfMs: undefined,
      shape,
    }
    const [version] = reader.page(request, parts.tenant).versions
    if (version !== undefined) return reader.toEntity(noun, version)
  }
  return undefined
}

/** `{ field | attribute, operator, value | values }`, on the caller's properties, or else on the subject's entity. */
function isPropertyMet(parts: ProductParts, { rule, subject }: RuleAsked): boolean {
  const { field, attribute, operator = 'eq', value, values } = rule
  const path = [field, attribute].find((text) => typeof text === 'string')
  if (typeof path !== 'string' || typeof operator !== 'string' || !/^[a-z]+$/i.test(operator)) return false
  const test = { [`$${operator}`]: values ?? value ?? null }
  const [first = ''] = path.split('.', 1)
  if (Object.hasOwn(subject.properties, first)) return isTrueOf(parts, subject, { [`properties.${path}`]: test })
  const noun = subject.contact === undefined ? undefined : nounOfId(parts, subject.contact)
  if (noun === undefined || subject.contact === undefined) return false
  const known = first === 'org' ? path.replace(/^org/, 'organization') : path
  const filter = parseFilter({ [known]: test }, { schema: noun, lookup: parts.lookup })
  return matchesEntity(parts, { noun, filter }, subject.contact)
}

/** Tests properties by the filter language, as those of an event. */
function isTrueOf(parts: ProductParts, { properties }: Subject, condition: object): boolean {
  const schema = nounWithRole(parts, 'event')
  const entity = { $type: schema.name, $id: '', properties } as unknown as Entity // as far as the filter looks
  const filter = parseFilter(condition, { schema, lookup: parts.lookup })
  const regex = (): never => {
    throw new ObjectError({ code: 'invalid_filter', field: 'operator', message: 'a rule cannot test a pattern' })
  }
  return matches(filter, entity, { related: () => [], regex, searchable: [] })
}

/** The value of the feature: what the rule says, or else the flag's variant, or one of its variants by weight, or true. */
function valueOf(
  flag: Entity,
  { unit, given }: { readonly unit: string | undefined; readonly given: Rule },
): Pick<FlagAnswer, 'value' | 'variant'> {
  // With a list of `values` to compare with, `value` is the result.
  if (given['value'] !== undefined && given['values'] !== undefined) return { value: given['value'] }
  const variants = variantsOf(flag['variants'])
  const named = given['variant'] ?? flag['variant']
  const chosen =
    named === undefined
      ? unit === undefined
        ? undefined
        : pickVariant(variants, String(flag['key']), unit)
      : variants.find(({ key }) => key === named)
  if (chosen !== undefined) return { value: chosen.value ?? typed(flag, chosen.key), variant: chosen.key }
  return { value: named === undefined ? whenOn(flag) : typed(flag, named) }
}

function whenOn(flag: Entity): JsonValue {
  return flag['type'] === undefined || flag['type'] === 'Boolean' ? true : defaultOf(flag)
}

function defaultOf(flag: Entity): JsonValue {
  const value = flag['defaultValue']
  if (value !== undefined) return typed(flag, value)
  return flag['type'] === undefined || flag['type'] === 'Boolean' ? false : null
}

/** The text of a value, as the flag's type reads it. */
function typed({ type }: Entity, value: JsonValue): JsonValue {
  if (typeof value !== 'string' || type === 'String') return value
  if (type === undefined || type === 'Boolean') return value === 'true' || (value !== 'false' && value)
  if (type === 'Number') return Number.isFinite(Number(value)) && value.trim() !== '' ? Number(value) : value
  try {
    return JSON.parse(value) as JsonValue
  } catch {
    return value
  }
}
