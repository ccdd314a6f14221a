// Type tests of Nouns: derived types, and uses that must not compile. `tsc` checks this file; nothing here runs.

import {
  type CreateInput,
  type EntityOf,
  type EventTypeOf,
  type FilterInput,
  type HookNameOf,
  type IncludeOf,
  Noun,
  nouns,
  type SortInput,
  type UpdateInput,
  type VerbNameOf,
  type WithIncludes,
} from 'digital-objects'

type Equal<Left, Right> = (<T>() => T extends Left ? 1 : 2) extends <T>() => T extends Right ? 1 : 2 ? true : false
function expectType<_IsTrue extends true>(): void {}

const Robot = Noun('Robot', {
  name: 'string!',
  power: 'number?',
  builtAt: 'datetime',
  on: 'boolean! = false',
  extra: 'json?',
  mood: 'Calm | Very Angry',
  stage: 'New | Used',
  maker: '-> Organization',
  owner: '-> User | Contact!',
  deals: '<- Deal.product[]',
  calm: 'Calmed',
  rollout: 'RolledOut',
  delete: null,
})
type R = EntityOf<typeof Robot>

expectType<Equal<R['$type'], 'Robot'>>()
expectType<Equal<R['name'], string>>()
const Product = Noun('Product', {
  price: 'money(0..)!',
  stock: 'integer (0..100) # = 1',
  about: 'text? personal',
  code: 'string## personal = a | b',
  color: 'Red | Blue personal',
  currency: 'string! = EUR',
})
type P = EntityOf<typeof Product>
expectType<Equal<P['price'], number>>()
expectType<Equal<P['stock'], number>>()
expectType<Equal<P['about'], string | undefined>>()
expectType<Equal<P['code'], string>>()
expectType<Equal<P['color'], 'Red' | 'Blue' | undefined>>()
expectType<Equal<keyof CreateInput<typeof Product> & 'price', 'price'>>()
const Article = Noun('Article', {
  tags: 'string[]! #',
  sizes: 'integer(0..9)[]?',
  colors: '(Red | Blue)[] = ["Red"]',
  labels: '-> Label.articles[]',
  first: '-> Label',
})
const Label = Noun('Label', { name: 'string!', articles: '<- Article.labels[]' })
type A = EntityOf<typeof Article>
expectType<Equal<A['tags'], readonly string[]>>()
expectType<Equal<A['sizes'], readonly number[] | undefined>>()
expectType<Equal<A['colors'], readonly ('Red' | 'Blue')[]>>()
expectType<Equal<A['labels'], readonly string[] | undefined>>()
interface Both {
  readonly Article: typeof Article
  readonly Label: typeof Label
}
type Labelled = WithIncludes<Both & Record<string, never>, typeof Article, 'labels'>
expectType<Equal<Labelled['labels'][number]['name'], string>>()
type Articled = WithIncludes<Both & Record<string, never>, typeof Label, 'articles'>
expectType<Equal<Articled['articles'][number]['tags'], readonly string[]>>()
export const article: CreateInput<typeof Article> = { tags: ['a'], colors: ['Blue', 'Blue'], labels: null }
export const articles: FilterInput<typeof Article>[] = [
  { tags: 'a', sizes: { $gt: 1 }, colors: { $in: ['Red'] }, 'labels.name': 'x' },
  { tags: [], labels: { $nin: ['label_000000000000'] } },
]
export const compared: FilterInput<typeof Robot> = { builtAt: { $gt: { $field: '$createdAt' } } }
// @ts-expect-error a list is filtered by single values
export const wrongListFilter: FilterInput<typeof Article> = { tags: ['a'] }
// @ts-expect-error a list has no order
export const wrongListSort: SortInput<typeof Article> = 'tags'
// @ts-expect-error a value that the enum does not have
export const wrongItem: CreateInput<typeof Article> = { tags: [], colors: ['Green'] }
// @ts-expect-error there are no lists of text
export const wrongList = Noun('X', { a: 'text[]' })
export const product: CreateInput<typeof Product> = { price: 1_999, color: 'Red' }
// @ts-expect-error its price is missing
export const priceless: CreateInput<typeof Product> = { stock: 1 }
expectType<Equal<R['power'], number | undefined>>()
expectType<Equal<R['builtAt'], string | undefined>>()
expectType<Equal<R['on'], boolean>>()
expectType<Equal<R['mood'], 'Calm' | 'Very Angry' | undefined>>()
expectType<Equal<R['stage'], 'New' | 'Used'>>()
expectType<Equal<R['owner'], string>>()
expectType<Equal<VerbNameOf<typeof Robot>, 'create' | 'update' | 'calm' | 'rollout'>>()
expectType<
  Equal<
    HookNameOf<typeof Robot>,
    'creating' | 'created' | 'updating' | 'updated' | 'calming' | 'calmed' | 'rollingOut' | 'rolledOut'
  >
>()
expectType<Equal<EventTypeOf<typeof Robot>, 'Robot.Created' | 'Robot.Updated' | 'Robot.Calmed' | 'Robot.RolledOut'>>()
expectType<Equal<IncludeOf<typeof Robot>, 'maker' | 'owner' | 'deals'>>()

type WithAll = WithIncludes<typeof nouns, typeof nouns.Contact, 'organization' | 'deals'>
expectType<Equal<WithAll['deals'][number]['value'], number>>()
expectType<Equal<null extends WithAll['organization'] ? true : false, true>>()
expectType<Equal<NonNullable<WithAll['organization']>['name'], string>>()

export const create: CreateInput<typeof Robot> = {
  name: 'a',
  owner: 'user_000000000000',
  builtAt: new Date(),
  mood: 'Calm',
}
export const update: UpdateInput<typeof Robot> = { power: null }
export const filter: FilterInput<typeof Robot> = {
  stage: { $in: ['New', 'Used'] },
  on: { $in: [true, false] },
  'maker.name': { $regex: 'a' },
  'extra.a.b': 1,
  $or: [{ power: { $gt: 1 } }],
  $text: 'x',
}
export const sort: SortInput<typeof Robot> = '-power'

// @ts-expect-error an undeclared field
export const wrongField: CreateInput<typeof Robot> = { name: 'a', owner: 'user_000000000000', pwer: 1 }
// @ts-expect-error a missing required field
export const missing: CreateInput<typeof Robot> = { name: 'a' }
// @ts-expect-error an unknown enum value
export const wrongEnum: UpdateInput<typeof Robot> = { mood: 'Angry' }
// @ts-expect-error an unknown verb
export const wrongVerb: VerbNameOf<typeof Robot> = 'delete'
// @ts-expect-error an unknown relation
export const wrongInclude: IncludeOf<typeof Robot> = 'name'
// @ts-expect-error an unknown hook
export const wrongHook: HookNameOf<typeof Robot> = 'rollouting'
// @ts-expect-error an unknown operator
export const wrongOperator: FilterInput<typeof Robot> = { power: { $gtx: 1 } }
// @ts-expect-error a value of another type
export const wrongValue: FilterInput<typeof Robot> = { power: { $gt: 'a' } }
// @ts-expect-error a filter by an undeclared field
export const wrongFilter: FilterInput<typeof Robot> = { pwer: 1 }
// @ts-expect-error json has no order
export const wrongSort: SortInput<typeof Robot> = 'extra'
// @ts-expect-error an effect of an unknown verb
export const wrongEffect = Noun('X', { name: 'string', calm: 'Calmed' }, { effects: { clam: {} } })

export const Vehicle = Noun(
  'Vehicle',
  { name: 'string!', mood: 'Calm | Busy', metadata: 'json?', drive: 'Driven' },
  {
    about: 'Something that drives.',
    descriptions: { name: 'How people call it.', drive: 'Starts a journey.', create: 'Adds one.' },
    indexes: [{ path: 'metadata.externalId', unique: true }],
    state: 'mood',
    transitions: [{ from: ['Calm'], verb: 'drive', to: 'Busy', irreversible: true }],
    categories: { Busy: 'won' },
  },
)
// @ts-expect-error descriptions are of fields and verbs that are there
export const wrongDescription = Noun('X', { name: 'string' }, { descriptions: { nmae: 'x' } })
// @ts-expect-error a state is an enum
export const wrongState = Noun('X', { name: 'string', mood: 'A | B' }, { state: 'name' })
const moods = { mood: 'A | B', calm: 'Calmed' } as const
// @ts-expect-error a value that the state does not have
export const wrongTransition = Noun('X', moods, { transitions: [{ from: ['A'], verb: 'calm', to: 'C' }] })
// @ts-expect-error an unknown verb
export const wrongTransitionVerb = Noun('X', moods, { transitions: [{ from: ['A'], verb: 'clam', to: 'B' }] })
