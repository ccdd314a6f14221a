// Entities that refer to a record, under the name of the relation: the newest of each, and the way to all.

import type { ReactNode } from 'react'
import { Link } from '../base/navigation.tsx'
import { fieldLabel } from '../base/names.ts'
import { useSettings } from '../base/settings-context.tsx'
import type { Entity } from '../data/entity.ts'
import { type FieldInfo, type NounInfo, useNounInfo } from '../data/noun-schema.ts'
import { useRelated } from '../data/use-record.ts'
import { useScene } from '../data/workspace-context.tsx'
import { NewRelated } from './new-related.tsx'
import { Pill, Title, toneOf } from '../ui/value.tsx'

interface RecordRelatedProps {
  readonly info: NounInfo
  readonly entity: Entity
}

export function RecordRelated({ info, entity }: RecordRelatedProps): ReactNode {
  const { say } = useSettings()
  const relations = info.fields.filter(
    ({ kind, name }) => kind === 'reverse' && !['comments', 'activities', 'files'].includes(name),
  )
  return (
    <section className="card" aria-labelledby="related">
      <h2 id="related">{say('record.references')}</h2>
      <div className="relations">
        {relations.map((field) => (
          <Relation key={field.name} field={field} id={entity.$id} />
        ))}
        <p className="soft no-relations">{say('record.noRelated')}</p>
      </div>
      <NewRelated info={info} entity={entity} />
    </section>
  )
}

function Relation({ field, id }: { readonly field: FieldInfo; readonly id: string }): ReactNode {
  const { say, language, format } = useSettings()
  const { workspace } = useScene()
  const { data } = useRelated(field, id)
  const { from = '', by = '' } = field
  if (data === undefined || data.rows.length === 0) return null
  const all = { f: JSON.stringify({ [by]: id }) }
  return (
    <div className="relation">
      <h3>
        {fieldLabel(field.name, language.words, field.noun)}
        <Link to={{ tenant: workspace.tenant, noun: from, search: all }}>
          {say('record.all', { count: data.total === null ? '' : format.number(data.total) })}
        </Link>
      </h3>
      <ul>
        {data.rows.map((row) => (
          <RelatedRow key={row.$id} row={row} />
        ))}
      </ul>
    </div>
  )
}

export function RelatedRow({ row }: { readonly row: Entity }): ReactNode {
  const { format } = useSettings()
  const { workspace } = useScene()
  const { data: info } = useNounInfo(row.$type)
  const state = info?.fields.find(({ name }) => name === info.state)
  return (
    <li>
      <Link to={{ tenant: workspace.tenant, noun: row.$type, id: row.$id, search: {} }}>
        <Title entity={row} />
      </Link>
      {info === undefined || state === undefined || row[state.name] === undefined ? null : (
        <Pill text={String(row[state.name])} tone={toneOf(state, row[state.name], info)} noun={info.name} />
      )}
      <time className="soft small" dateTime={row.$createdAt}>
        {format.date(row.$createdAt)}
      </time>
    </li>
  )
}
