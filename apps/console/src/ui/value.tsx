// A value as a person reads it: states as pills, references as names with links, amounts and times in the language's own way.

import type { ReactNode } from 'react'
import { fromMinor } from '../base/format.ts'
import { valueLabel } from '../base/names.ts'
import { Link } from '../base/navigation.tsx'
import { useSettings } from '../base/settings-context.tsx'
import type { Entity } from '../data/entity.ts'
import { unitOf } from '../data/field-unit.ts'
import { type FieldInfo, type NounInfo, titleOf } from '../data/noun-schema.ts'
import { useEntityName } from '../data/use-entity-name.ts'
import { useScene } from '../data/workspace-context.tsx'

interface ValueProps {
  readonly field: FieldInfo
  readonly entity: Readonly<Record<string, unknown>>
  readonly info: NounInfo
}

export function Value({ field, entity, info }: ValueProps): ReactNode {
  const value = entity[field.name]
  if (value === undefined || value === null || value === '') return <span className="none">–</span>
  if (field.kind === 'reference') return <References value={value} />
  if (field.kind === 'enum') return <Pill text={String(value)} tone={toneOf(field, value, info)} noun={info.name} />
  return <PlainValue field={field} value={value} currency={entity['currency']} />
}

interface PlainValueProps {
  readonly field: FieldInfo
  readonly value: unknown
  readonly currency: unknown
}

function PlainValue({ field, value, currency }: PlainValueProps): ReactNode {
  const { format, say } = useSettings()
  if (field.many && Array.isArray(value)) return <>{value.map(String).join(', ')}</>
  switch (field.type) {
    case 'money':
    case 'number':
    case 'integer':
      return <Amount field={field} value={Number(value)} currency={currency} />
    case 'date':
      return <>{format.date(String(value))}</>
    case 'datetime':
      return <time dateTime={String(value)}>{format.time(String(value))}</time>
    case 'boolean':
      return <>{say(value === true ? 'app.yes' : 'app.no')}</>
    case 'email':
      return <a href={`mailto:${String(value)}`}>{String(value)}</a>
    case 'url':
      return <SafeLink url={String(value)} />
    case 'json':
      return <code className="json">{JSON.stringify(value)}</code>
    default:
      return <>{typeof value === 'object' ? JSON.stringify(value) : String(value)}</>
  }
}

interface AmountProps {
  readonly field: FieldInfo
  readonly value: number
  /** The currency of the entity, if it has one. */
  readonly currency: unknown
}

/** A number with its unit. */
export function Amount({ field, value, currency: own }: AmountProps): ReactNode {
  const { format } = useSettings()
  const { workspace } = useScene()
  const currency = typeof own === 'string' ? own : workspace.currency
  switch (unitOf(field)) {
    case 'minor':
      return <>{format.money(fromMinor(value, currency), currency)}</>
    case 'major':
      return <>{format.money(value, currency)}</>
    case 'percent':
      return <>{format.percent(value)}</>
    default:
      return <>{format.number(value)}</>
  }
}

/** Texts of strangers may hold addresses that run scripts. */
function SafeLink({ url }: { readonly url: string }): ReactNode {
  if (!/^https?:\/\//i.test(url)) return <>{url}</>
  return (
    <a href={url} target="_blank" rel="noopener noreferrer">
      {url.replace(/^https?:\/\//i, '')}
    </a>
  )
}

/** An id, an included entity, or a list of them. */
function References({ value }: { readonly value: unknown }): ReactNode {
  const all = Array.isArray(value) ? value : [value]
  return (
    <>
      {all.map((one: unknown, at) => (
        <span key={at}>
          {at === 0 ? '' : ', '}
          <Reference value={one} />
        </span>
      ))}
    </>
  )
}

export function Reference({ value }: { readonly value: unknown }): ReactNode {
  const { workspace } = useScene()
  const entity = typeof value === 'object' && value !== null ? (value as Entity) : undefined
  const id = entity?.$id ?? String(value)
  const type = entity?.$type ?? workspace.typeOfId(id)?.name
  if (type === undefined || !workspace.types.has(type)) return <>{id}</>
  return (
    <Link to={{ tenant: workspace.tenant, noun: type, id, search: {} }} tabIndex={-1} className="reference">
      {entity === undefined ? <EntityName id={id} /> : <Title entity={entity} />}
    </Link>
  )
}

/** The name of an entity of which the id is known; another id stands for itself. */
export function EntityName({ id }: { readonly id: string }): ReactNode {
  return <>{useEntityName(id) ?? id}</>
}

/** The name of an entity, which is asked for if the entity has none of its own. */
export function Title({ entity }: { readonly entity: Entity }): ReactNode {
  const title = titleOf(entity)
  return title === entity.$id ? <EntityName id={title} /> : <>{title}</>
}

/** An actor by name: a person, an agent, a key, or the server itself. */
export function Actor({ id }: { readonly id: string }): ReactNode {
  const { say } = useSettings()
  const { workspace } = useScene()
  if (workspace.typeOfId(id) !== undefined) return <Reference value={id} />
  return <>{id === 'system' ? say('actor.system') : id === 'owner' ? say('actor.owner') : id}</>
}

export type Tone = 'open' | 'good' | 'bad' | 'warn' | 'plain'

interface PillProps {
  readonly text: string
  readonly tone: Tone
  /** The type that has the value, which may have a word of its own. */
  readonly noun?: string
}

export function Pill({ text, tone, noun }: PillProps): ReactNode {
  const { language } = useSettings()
  return <span className={`pill ${tone}`}>{valueLabel(text, language.words, noun)}</span>
}

const goodWords =
  /^(?:won|paid|active|done|completed|resolved|published|captured|succeeded|customer|converted|achieved|approved|enabled|sent|ontrack)$/i
const badWords =
  /^(?:lost|failed|cancelled|canceled|churned|void|voided|uncollectible|overdue|pastdue|rejected|missed|unpaid|breached|urgent)$/i
const warnWords = /^(?:paused|pending|high|atrisk|behind|blocked|escalated|draft)$/i

export function toneOf(field: FieldInfo, value: unknown, info: NounInfo): Tone {
  const text = String(value)
  if (field.name === info.state) {
    const category = info.categories[text]
    if (category === 'won') return 'good'
    if (category === 'lost') return 'bad'
    if (category === 'open') return 'open'
  }
  if (goodWords.test(text)) return 'good'
  if (badWords.test(text)) return 'bad'
  return warnWords.test(text) ? 'warn' : field.name === info.state ? 'open' : 'plain'
}
