// Fields of a definition, one in a row.

import type { ReactNode } from 'react'
import { useToolTexts } from '../base/tool-texts.ts'
import { type DraftField, emptyField, fieldTypes } from './schema-draft.ts'

interface FieldRowsProps {
  readonly fields: readonly DraftField[]
  readonly onChange: (fields: readonly DraftField[]) => void
}

export function FieldRows({ fields, onChange }: FieldRowsProps): ReactNode {
  const say = useToolTexts()
  return (
    <>
      {fields.map((field, at) => (
        <FieldRow
          key={at}
          field={field}
          number={at + 1}
          onChange={(next) => onChange(fields.map((one, index) => (index === at ? next : one)))}
          onRemove={() => onChange(fields.filter((_, index) => index !== at))}
        />
      ))}
      <div className="actions">
        <button type="button" className="button small" onClick={() => onChange([...fields, emptyField])}>
          {say('types.addField')}
        </button>
      </div>
    </>
  )
}

interface FieldRowProps {
  readonly field: DraftField
  readonly number: number
  readonly onChange: (field: DraftField) => void
  readonly onRemove: () => void
}

function FieldRow({ field, number, onChange, onRemove }: FieldRowProps): ReactNode {
  const say = useToolTexts()
  const isOf = field.type === 'choice' || field.type === 'reference'
  return (
    <div className="tool-form" role="group" aria-label={say('types.field', { number })}>
      <label>
        {say('types.fieldName')}
        <input
          autoFocus={number > 1}
          value={field.name}
          onChange={({ target }) => onChange({ ...field, name: target.value })}
        />
      </label>
      <label>
        {say('types.fieldType')}
        <select value={field.type} onChange={({ target }) => onChange({ ...field, type: target.value })}>
          {fieldTypes.map((type) => (
            <option key={type} value={type}>
              {say(`types.${type}`)}
            </option>
          ))}
        </select>
      </label>
      {isOf ? (
        <label className="grow">
          {say(field.type === 'choice' ? 'types.values' : 'types.target')}
          <input
            value={field.of}
            list={field.type === 'reference' ? 'type-names' : undefined}
            placeholder={field.type === 'choice' ? 'Small, Large' : 'Contact'}
            onChange={({ target }) => onChange({ ...field, of: target.value })}
          />
        </label>
      ) : (
        <fieldset>
          <label>
            <input
              type="checkbox"
              checked={field.isRequired}
              onChange={({ target }) => onChange({ ...field, isRequired: target.checked })}
            />
            {say('types.required')}
          </label>
        </fieldset>
      )}
      <button
        type="button"
        className="button small quiet"
        aria-label={say('types.removeField', { number })}
        onClick={onRemove}
      >
        {say('app.remove')}
      </button>
    </div>
  )
}
