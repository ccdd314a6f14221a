// The fields of a record, each edited in place. Empty ones are folded away.

import { type ReactNode, useState } from 'react'
import { fieldLabel } from '../base/names.ts'
import { useSettings } from '../base/settings-context.tsx'
import type { Entity } from '../data/entity.ts'
import type { FieldInfo, NounInfo } from '../data/noun-schema.ts'
import { changeableField } from '../data/offered-fields.ts'
import { useScene } from '../data/workspace-context.tsx'
import { CellEditor } from '../ui/cell-editor.tsx'
import { Value } from '../ui/value.tsx'

interface RecordFieldsProps {
  readonly info: NounInfo
  readonly entity: Entity
}

export function RecordFields({ info, entity }: RecordFieldsProps): ReactNode {
  const { say, format } = useSettings()
  const [showsEmpty, setShowsEmpty] = useState(false)
  const fields = info.fields.filter(({ kind, name }) => kind !== 'reverse' && (showsEmpty || hasValue(entity[name])))
  return (
    <section className="card" aria-labelledby="fields">
      <h2 id="fields">{say('record.fields')}</h2>
      <dl className="fields-list">
        {fields.map((field) => (
          <FieldRow key={field.name} info={info} field={field} entity={entity} />
        ))}
      </dl>
      <button
        type="button"
        className="button small quiet"
        aria-expanded={showsEmpty}
        onClick={() => setShowsEmpty(!showsEmpty)}
      >
        {say(showsEmpty ? 'record.fewer' : 'record.empty')}
      </button>
      <p className="meta soft small">
        <code>{entity.$id}</code> · {say('record.version')} {entity.$version} · {say('record.created')}{' '}
        {format.time(entity.$createdAt)} · {say('record.updated')} {format.time(entity.$updatedAt)}
      </p>
    </section>
  )
}

function hasValue(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0)
}

interface FieldRowProps extends RecordFieldsProps {
  readonly field: FieldInfo
}

function FieldRow({ info, field, entity }: FieldRowProps): ReactNode {
  const { say, language, translate } = useSettings()
  const { at } = useScene()
  const [isEditing, setIsEditing] = useState(false)
  const label = fieldLabel(field.name, language.words, field.noun)
  const changeable = changeableField(info, field, entity)
  const canEdit = at === undefined && !info.disabled.includes('update') && changeable !== undefined
  const value = <Value field={field} entity={entity} info={info} />
  return (
    <div className="field-row">
      <dt title={translate(field.description, field.noun)}>{label}</dt>
      <dd title={changeable === undefined ? say('record.byVerbs') : undefined}>
        {isEditing && changeable !== undefined ? (
          <CellEditor noun={info.name} field={changeable} entity={entity} onClose={() => setIsEditing(false)}>
            <span className="field-value">{value}</span>
          </CellEditor>
        ) : (
          <>
            <span
              className={canEdit ? 'field-value editable' : 'field-value'}
              onClick={({ target }) => canEdit && !(target instanceof HTMLAnchorElement) && setIsEditing(true)}
            >
              {value}
            </span>
            {canEdit ? (
              <button
                type="button"
                className="button small quiet edit"
                aria-label={say('edit.label', { name: label })}
                onClick={() => setIsEditing(true)}
              >
                ✎
              </button>
            ) : null}
          </>
        )}
      </dd>
    </div>
  )
}
