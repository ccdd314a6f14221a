// Arguments of a verb: fields of the record, and arguments of its own. The server decides which it takes.

import { type ReactNode, useId } from 'react'
import { fieldLabel } from '../base/names.ts'
import { useSettings } from '../base/settings-context.tsx'
import type { Entity } from '../data/entity.ts'
import type { FieldInfo, NounInfo } from '../data/noun-schema.ts'
import type { ChosenVerb } from '../data/possible-verbs.ts'
import { FieldEditor, textToValue } from '../ui/field-editor.tsx'

export interface Given {
  /** Texts of the fields that are shown, by name. */
  readonly texts: Readonly<Record<string, string>>
  readonly json: string
}

export const noArguments: Given = { texts: {}, json: '' }

interface VerbArgumentsProps {
  readonly info: NounInfo
  readonly choice: ChosenVerb
  readonly given: Given
  /** The field that the server misses or refuses. */
  readonly refused: string | undefined
  readonly onChange: (given: Given) => void
}

export function VerbArguments({ info, choice, given, refused, onChange }: VerbArgumentsProps): ReactNode {
  const { say, language } = useSettings()
  const fields = writableFields(info, choice)
  const own = new Set(namedAfter(info, choice.verb))
  const shown = fields.filter(({ name }) => own.has(name) || name === refused || given.texts[name] !== undefined)
  const set = (name: string, text: string): void => onChange({ ...given, texts: { ...given.texts, [name]: text } })
  return (
    <div className="fields">
      {shown.map((field) => (
        <Argument
          key={field.name}
          field={field}
          text={given.texts[field.name] ?? ''}
          onChange={(text) => set(field.name, text)}
        />
      ))}
      <select
        className="small"
        aria-label={say('verb.addField')}
        value=""
        onChange={({ target }) => target.value !== '' && set(target.value, '')}
      >
        <option value="">{say('verb.addField')}</option>
        {fields
          .filter((field) => !shown.includes(field))
          .map(({ name }) => (
            <option key={name} value={name}>
              {fieldLabel(name, language.words, info.name)}
            </option>
          ))}
      </select>
      <details>
        <summary>{say('verb.arguments')}</summary>
        <textarea
          rows={2}
          spellCheck={false}
          aria-label={say('verb.arguments')}
          value={given.json}
          placeholder='{"quantity":5}'
          onChange={({ target }) => onChange({ ...given, json: target.value })}
        />
      </details>
    </div>
  )
}

interface ArgumentProps {
  readonly field: FieldInfo
  readonly text: string
  readonly onChange: (text: string) => void
}

function Argument({ field, text, onChange }: ArgumentProps): ReactNode {
  const { language, translate } = useSettings()
  const id = useId()
  const label = fieldLabel(field.name, language.words, field.noun)
  return (
    <div title={translate(field.description, field.noun)}>
      <label htmlFor={id}>{label}</label>
      <FieldEditor id={id} field={{ ...field, required: false }} text={text} label={label} onChange={onChange} />
    </div>
  )
}

/** Fields that a verb can set; its state is chosen already where it has to be named. */
function writableFields(info: NounInfo, { isNamed }: ChosenVerb): readonly FieldInfo[] {
  return info.fields.filter(
    ({ kind, name, computed, readOnly }) =>
      kind !== 'reverse' && computed === undefined && readOnly !== true && !(isNamed === true && name === info.state),
  )
}

/** `lostReason` belongs to the verb whose event is `Lost`. Times are filled by the verb. */
function namedAfter({ fields, verbs }: NounInfo, verb: string): readonly string[] {
  const event = verbs.find((one) => one.verb === verb)?.event?.toLowerCase()
  if (event === undefined) return []
  return fields
    .filter(({ kind, type, name }) => kind === 'data' && type !== 'datetime' && name.startsWith(event))
    .map(({ name }) => name)
}

interface ToValues {
  readonly info: NounInfo
  readonly entity: Entity
  readonly choice: ChosenVerb
  readonly given: Given
}

/** The state that was chosen, and what was typed. Returns the error of what is no JSON. */
export function valuesOf({ info, entity, choice, given }: ToValues): Readonly<Record<string, unknown>> | Error {
  const { to, isNamed } = choice
  const named = isNamed === true && info.state !== undefined && to !== undefined ? { [info.state]: to } : {}
  const typed = info.fields.flatMap((field) => {
    const text = given.texts[field.name] ?? ''
    return text.trim() === '' ? [] : [[field.name, textToValue(field, text, entity['currency'])]]
  })
  const values = { ...named, ...Object.fromEntries(typed) }
  if (given.json.trim() === '') return values
  try {
    const value: unknown = JSON.parse(given.json)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...values, ...value }
    return new SyntaxError('expected a JSON object such as {"quantity":5}')
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}
