// Generates authorities over given Nouns, and answers what each shows by a plain model: all data is filtered by the rules
// first, and fields are taken out.

import {
  type Authority,
  type Entity,
  type MatchContext,
  matches,
  type NounAuthority,
  type NounLookup,
  type NounSchema,
  parseFilter,
  type RowRule,
  referredIds,
} from 'digital-objects'
import fc from 'fast-check'

export interface AuthorityChoices {
  readonly schemas: readonly NounSchema[]
  /** Conditions that rules are made of, by Noun. */
  readonly ruleOf: (noun: string) => fc.Arbitrary<object>
  /** The ids of possible callers. */
  readonly whos: readonly string[]
  /** Fields that may be hidden; all of them unless given. */
  readonly hideable?: (noun: string) => readonly string[]
}

export function anyAuthority(choices: AuthorityChoices): fc.Arbitrary<Authority> {
  const { schemas, whos } = choices
  return fc.record({
    who: fc.constantFrom(...whos),
    nouns: fc
      .tuple(...schemas.map((schema) => fc.option(anyGranted(schema, choices), { nil: undefined, freq: 4 })))
      .map((granted) =>
        Object.fromEntries(
          granted.flatMap((one, at) => (one === undefined ? [] : [[schemas[at]?.name ?? '', one] as const])),
        ),
      ),
    others: fc.record({
      read: fc.constantFrom<RowRule>('all', 'all', 'all', 'none', { $createdBy: '$me' }),
      write: fc.constantFrom<RowRule>('all', 'none', { $createdBy: { $in: ['$me'] } }),
      hidden: fc.constantFrom<readonly string[]>([], ['metadata']),
      verbs: fc.constantFrom<NounAuthority['verbs']>('all', ['create', 'update']),
    }),
  })
}

function anyGranted(schema: NounSchema, choices: AuthorityChoices): fc.Arbitrary<NounAuthority> {
  const names = choices.hideable?.(schema.name) ?? Object.keys(schema.fields)
  return fc.record({
    read: anyRule(schema, choices, 1),
    write: anyRule(schema, choices, 2),
    hidden: fc.oneof(fc.constant([]), fc.subarray([...names], { maxLength: Math.min(3, names.length) })),
    verbs: fc.oneof(fc.constant('all' as const), fc.subarray(Object.keys(schema.verbs))),
  })
}

function anyRule(schema: NounSchema, { ruleOf }: AuthorityChoices, noneWeight: number): fc.Arbitrary<RowRule> {
  const own = { $createdBy: { $in: ['$me'] } }
  // Words and patterns decide nothing in a rule.
  const drawn = ruleOf(schema.name).filter((rule) => !/\$text|\$regex/.test(JSON.stringify(rule)))
  const rule = fc.oneof(
    { weight: 4, arbitrary: drawn },
    { weight: 1, arbitrary: fc.constant<object>(own) },
    { weight: 2, arbitrary: drawn.map((of) => ({ $or: [own, of] })) },
  )
  return fc.oneof(
    { weight: 4, arbitrary: fc.constant('all' as const) },
    { weight: noneWeight, arbitrary: fc.constant('none' as const) },
    { weight: 8, arbitrary: rule.map((filter) => JSON.parse(JSON.stringify(filter)) as RowRule) },
  )
}

/** The entities that exist for the caller, as it sees them. Deliberately a second implementation of the rules. */
export function visibleEntities(
  entities: readonly Entity[],
  authority: Authority,
  parts: Pick<MatchContext, 'regex'> & { readonly lookup: NounLookup },
): readonly Entity[] {
  const grantedOf = (noun: string): NounAuthority => authority.nouns[noun] ?? authority.others
  return entities
    .filter((entity) => isGranted(grantedOf(entity.$type).read, entity, { ...parts, entities, who: authority.who }))
    .map((entity) => {
      const { hidden } = grantedOf(entity.$type)
      return Object.fromEntries(Object.entries(entity).filter(([name]) => !hidden.includes(name))) as Entity
    })
}

/** Whether a rule grants the entity, as it is among all entities. */
export function isGranted(
  rule: RowRule,
  entity: Entity,
  world: Pick<MatchContext, 'regex'> & {
    readonly entities: readonly Entity[]
    readonly lookup: NounLookup
    readonly who: string
  },
): boolean {
  if (typeof rule === 'string') return rule === 'all'
  const { entities, lookup, who, regex } = world
  const schema = lookup(entity.$type)
  if (schema === undefined) return false
  const filter = parseFilter(JSON.parse(JSON.stringify(rule).replaceAll('"$me"', JSON.stringify(who))), {
    schema,
    lookup,
    principal: who,
  })
  return matches(filter, entity, { related: relatedAmong(entities), regex, searchable: schema.searchable })
}

export function relatedAmong(entities: readonly Entity[]): MatchContext['related'] {
  return (entity, { field, to }) =>
    entities.filter(
      (other) =>
        other.$type === to &&
        (field.kind === 'reference'
          ? referredIds(entity[field.name]).includes(other.$id)
          : referredIds(other[field.by]).includes(entity.$id)),
    )
}
