// An editor for each type of field. It works on text, and says what the text stands for when it is saved; the server checks.

import { type ComponentProps, type ReactNode, useId } from 'react'
import { minorUnits } from '../base/format.ts'
import { valueLabel } from '../base/names.ts'
import { type DecimalMark, numberText, parseNumber } from '../base/number-text.ts'
import { useSettings } from '../base/settings-context.tsx'
import type { FieldInfo } from '../data/noun-schema.ts'
import type { FieldEditorProps } from './field-editor-props.ts'
import { ReferenceEditor } from './reference-editor.tsx'

export function FieldEditor(props: FieldEditorProps): ReactNode {
  const { field, text, onChange, label, isInvalid = false, describedBy, autoFocus = false } = props
  const { say, language } = useSettings()
  const own = useId()
  const common = {
    id: props.id ?? own,
    'aria-label': label,
    'aria-invalid': isInvalid,
    'aria-describedby': describedBy,
    autoFocus,
    required: field.required === true,
  }
  if (field.kind === 'reference' && !field.many) return <ReferenceEditor {...props} />
  if (field.kind === 'enum')
    return (
      <select {...common} value={text} onChange={({ target }) => onChange(target.value)}>
        {field.required === true && text !== '' ? null : <option value="">{say('edit.none')}</option>}
        {(field.values ?? []).map((value) => (
          <option key={value} value={value}>
            {valueLabel(value, language.words, field.noun)}
          </option>
        ))}
      </select>
    )
  if (field.type === 'boolean')
    return (
      <select {...common} value={text} onChange={({ target }) => onChange(target.value)}>
        <option value="">{say('edit.none')}</option>
        <option value="true">{say('app.yes')}</option>
        <option value="false">{say('app.no')}</option>
      </select>
    )
  if (field.type === 'text' || field.type === 'json')
    return (
      <textarea
        {...common}
        rows={field.type === 'json' ? 5 : 3}
        spellCheck={field.type === 'text'}
        value={text}
        onChange={({ target }) => onChange(target.value)}
      />
    )
  return <input {...common} {...inputOf(field)} value={text} onChange={({ target }) => onChange(target.value)} />
}

function inputOf(field: FieldInfo): ComponentProps<'input'> {
  if (field.many) return { type: 'text' }
  switch (field.type) {
    case 'number':
    case 'integer':
    case 'money':
      return { type: 'text', inputMode: 'decimal' }
    case 'date':
      return { type: 'date' }
    case 'datetime':
      return { type: 'datetime-local', step: 1 }
    case 'email':
      return { type: 'email' }
    case 'url':
      return { type: 'url' }
    default:
      return { type: 'text' }
  }
}

/** `currency` is that of the entity, for amounts. */
export function valueToText(field: FieldInfo, value: unknown, currency?: unknown): string {
  if (value === undefined || value === null) return ''
  if (field.kind === 'reference') {
    const ids = (Array.isArray(value) ? value : [value]).map((one: unknown) =>
      typeof one === 'object' && one !== null ? String(Reflect.get(one, '$id')) : String(one),
    )
    return ids.join(', ')
  }
  if (field.many && Array.isArray(value)) return value.map(String).join(', ')
  if (field.type === 'json') return JSON.stringify(value, null, 2)
  if (field.type === 'money') return numberText(Number(value) / minorUnits(currency), decimalMark())
  if (typeof value === 'number') return numberText(value, decimalMark())
  if (field.type === 'datetime') return toLocalTime(String(value))
  return String(value)
}

/** Text that is no number or no JSON is sent as it was typed, and the server says what it expects. */
export function textToValue(field: FieldInfo, text: string, currency?: unknown): unknown {
  if (text.trim() === '') return null
  if (field.many)
    return text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '')
  switch (field.type) {
    case 'number':
    case 'integer':
      return toNumber(text)
    case 'money': {
      const amount = toNumber(text)
      return typeof amount === 'number' ? Math.round(amount * minorUnits(currency)) : amount
    }
    case 'boolean':
      return text === 'true'
    case 'json':
      return parseOr(text)
    case 'datetime':
      return Number.isNaN(Date.parse(text)) ? text : new Date(text).toISOString()
    default:
      return text
  }
}

function toNumber(text: string): number | string {
  return parseNumber(text, decimalMark()) ?? text
}

/** The decimal separator of the page's language. */
function decimalMark(): DecimalMark {
  return document.documentElement.lang === 'de' ? ',' : '.'
}

function parseOr(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** The form of `datetime-local`, which has no zone. */
function toLocalTime(text: string): string {
  const date = new Date(text)
  if (Number.isNaN(date.getTime())) return ''
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19)
}
