// One value for all rows of a file, for each field that it needs and has no column of.

import type { PlannedImport } from '@headlessly/sdk'
import { type ReactNode, useId } from 'react'
import { fieldLabel } from '../base/names.ts'
import { useSettings } from '../base/settings-context.tsx'
import { useToolTexts } from '../base/tool-texts.ts'
import type { FieldInfo, NounInfo } from '../data/noun-schema.ts'
import { fieldsOfNew } from '../data/offered-fields.ts'
import { FieldEditor } from '../ui/field-editor.tsx'

type Values = Readonly<Record<string, string>>

interface ValuesForAllProps {
  readonly info: NounInfo
  readonly planned: PlannedImport
  readonly values: Values
  readonly onChange: (values: Values) => void
  /** The person has ended a value, and wants to see what would happen. */
  readonly onDone: (values: Values) => void
}

export function ValuesForAll({ info, planned, values, onChange, onDone }: ValuesForAllProps): ReactNode {
  const say = useToolTexts()
  const asked = new Set([...planned.questions.flatMap(({ field }) => field ?? []), ...Object.keys(values)])
  const fields = fieldsOfNew(info).filter(({ name }) => asked.has(name))
  if (fields.length === 0) return null
  return (
    <fieldset className="fields">
      <legend>{say('import.values')}</legend>
      {fields.map((field) => (
        <ValueForAll
          key={field.name}
          field={field}
          text={values[field.name] ?? ''}
          onChange={(text) => onChange({ ...values, [field.name]: text })}
          onDone={() => onDone(values)}
        />
      ))}
      <p className="soft small">{say('import.valuesHint')}</p>
    </fieldset>
  )
}

interface ValueForAllProps {
  readonly field: FieldInfo
  readonly text: string
  readonly onChange: (text: string) => void
  readonly onDone: () => void
}

function ValueForAll({ field, text, onChange, onDone }: ValueForAllProps): ReactNode {
  const { language } = useSettings()
  const id = useId()
  const label = fieldLabel(field.name, language.words, field.noun)
  return (
    <div
      onBlur={({ currentTarget, relatedTarget }) => !currentTarget.contains(relatedTarget) && text !== '' && onDone()}
    >
      <label htmlFor={id}>{label}</label>
      <FieldEditor id={id} field={{ ...field, required: false }} text={text} label={label} onChange={onChange} />
    </div>
  )
}
