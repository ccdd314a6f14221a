// A value as a person reads it: states as pills, references as names with links, amounts and times in the language's own way.

import type { ReactNode } from 'react'
import { minorUnits } from '../base/format.ts'
import { Link, usePlace } from '../base/navigation.tsx'
import { momentOf } from '../base/search.ts'
import { useSettings } from '../base/settings-context.tsx'
import type { Entity } from '../data/entity.ts'
import { type FieldInfo, type NounInfo, titleOf } from '../data/noun-schema.ts'
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
  if (field.kind === 'enum') return <Pill text={String(value)} tone={toneOf(field, value, info)} />
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
      return (
        <>
          {typeof currency === 'string'
            ? format.money(Number(value) / minorUnits(currency), currency)
            : format.number(Number(value) / minorUnits(currency))}
        </>
      )
    case 'number':
    case 'integer':
      return <>{format.number(Number(value))}</>
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
  const { search } = usePlace()
  const entity = typeof value === 'object' && value !== null ? (value as Entity) : undefined
  const id = entity?.$id ?? String(value)
  const type = entity?.$type ?? workspace.typeOfId(id)?.name
  if (type === undefined || !workspace.types.has(type)) return <>{id}</>
  return (
    <Link
      to={{ tenant: workspace.tenant, noun: type, id, search: momentOf(search) }}
      tabIndex={-1}
      className="reference"
    >
      {entity === undefined ? id : titleOf(entity)}
    </Link>
  )
}

export type Tone = 'open' | 'good' | 'bad' | 'warn' | 'plain'

export function Pill({ text, tone }: { readonly text: string; readonly tone: Tone }): ReactNode {
  return <span className={`pill ${tone}`}>{text}</span>
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
