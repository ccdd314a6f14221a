// Builds the filter of a list: conditions to choose, and the same filter as the API takes it, to read, edit and copy.

import { type ReactNode, useEffect, useRef, useState } from 'react'
import { fieldLabel } from '../base/names.ts'
import { useSettings } from '../base/settings-context.tsx'
import {
  type Filter,
  filterToTerms,
  type Operator,
  operators,
  parseFilter,
  type Term,
  termsToFilter,
} from '../data/filter-terms.ts'
import type { FieldInfo, NounInfo } from '../data/noun-schema.ts'
import { useScene } from '../data/workspace-context.tsx'
import { FieldEditor, textToValue, valueToText } from './field-editor.tsx'
import { Icon } from './icon.tsx'

interface FilterBarProps {
  readonly info: NounInfo
  readonly filter: Filter
  /** Set for a row rule, which cannot search in texts and may name the member. */
  readonly isRule?: boolean
  /** Says what is filtered, if a page has several filters. */
  readonly label?: string
  /** Takes the focus whenever this grows. */
  readonly focusCalls?: number
  readonly onChange: (filter: Filter) => void
}

export function FilterBar({
  info,
  filter,
  isRule = false,
  label,
  focusCalls = 0,
  onChange,
}: FilterBarProps): ReactNode {
  const { say } = useSettings()
  const bar = useRef<HTMLElement>(null)
  useEffect(() => {
    if (focusCalls > 0) bar.current?.querySelector<HTMLElement>('[data-first-filter]')?.focus()
  }, [focusCalls])
  const terms = filterToTerms(filter)
  const fields = info.fields.filter(({ kind, type }) => kind !== 'reverse' && type !== 'json')
  const set = (next: readonly Term[]): void => onChange(termsToFilter(next))
  return (
    <section className="filter-bar" aria-label={label ?? say('list.filter')} ref={bar}>
      {(terms ?? []).map((term, at) => (
        <TermRow
          key={at}
          term={term}
          fields={fields}
          isRule={isRule}
          onChange={(changed) => set((terms ?? []).with(at, changed))}
          onRemove={() => set((terms ?? []).toSpliced(at, 1))}
        />
      ))}
      <div className="filter-actions">
        {terms === undefined ? null : (
          <AddTerm
            fields={fields}
            taken={new Set(terms.map(({ field }) => field))}
            onAdd={(field) => set([...terms, firstTerm(field, isRule)])}
          />
        )}
        {Object.keys(filter).length === 0 ? null : (
          <button type="button" className="button small quiet" onClick={() => onChange({})}>
            {say('list.clear')}
          </button>
        )}
        <FilterText filter={filter} isOpen={terms === undefined} onChange={onChange} />
      </div>
    </section>
  )
}

function firstTerm(field: FieldInfo, isRule: boolean): Term {
  if (isRule && mayBeMember(field)) return { field: field.name, operator: 'isMe', value: null }
  if (field.kind === 'enum') return { field: field.name, operator: 'is', value: field.values?.[0] ?? '' }
  const isText = field.kind === 'data' && (field.type === 'string' || field.type === 'text' || field.type === 'email')
  return isText && !isRule
    ? { field: field.name, operator: 'contains', value: '' }
    : { field: field.name, operator: 'set', value: null }
}

interface AddTermProps {
  readonly fields: readonly FieldInfo[]
  readonly taken: ReadonlySet<string>
  readonly onAdd: (field: FieldInfo) => void
}

function AddTerm({ fields, taken, onAdd }: AddTermProps): ReactNode {
  const { say, language } = useSettings()
  return (
    <select
      className="small"
      aria-label={say('list.addFilter')}
      value=""
      data-first-filter=""
      onChange={({ target }) => {
        const field = fields.find(({ name }) => name === target.value)
        if (field !== undefined) onAdd(field)
      }}
    >
      <option value="">{say('list.addFilter')}</option>
      {fields
        .filter(({ name }) => !taken.has(name))
        .map(({ name, noun }) => (
          <option key={name} value={name}>
            {fieldLabel(name, language.words, noun)}
          </option>
        ))}
    </select>
  )
}

interface TermRowProps {
  readonly term: Term
  readonly fields: readonly FieldInfo[]
  readonly isRule: boolean
  readonly onChange: (term: Term) => void
  readonly onRemove: () => void
}

const restMs = 350

function TermRow({ term, fields, isRule, onChange, onRemove }: TermRowProps): ReactNode {
  const { say, language } = useSettings()
  const field = fields.find(({ name }) => name === term.field)
  const label = fieldLabel(term.field, language.words, field?.noun)
  const needsValue = !valueless.has(term.operator)
  return (
    <div className="filter-term">
      <span className="filter-field">{label}</span>
      <select
        className="small"
        aria-label={`${label}: ${say('filter.operator')}`}
        value={term.operator}
        onChange={({ target }) => {
          const operator = operators.find((one) => one === target.value) ?? 'is'
          onChange({ ...term, operator, value: valueFor(operator, term.value, field) })
        }}
      >
        {operatorsOf(field, isRule).map((operator) => (
          <option key={operator} value={operator}>
            {say(`op.${operator}`)}
          </option>
        ))}
      </select>
      {needsValue && field !== undefined ? (
        <TermValue key={term.operator} term={term} field={field} label={label} onChange={onChange} />
      ) : null}
      <button
        type="button"
        className="button icon-only small quiet"
        aria-label={`${say('filter.remove')}: ${label}`}
        onClick={onRemove}
      >
        <Icon name="close" />
      </button>
    </div>
  )
}

/** The list follows when typing rests. */
function TermValue({
  term,
  field,
  label,
  onChange,
}: Omit<TermRowProps, 'fields' | 'isRule' | 'onRemove'> & {
  readonly field: FieldInfo
  readonly label: string
}): ReactNode {
  const { say } = useSettings()
  const { workspace } = useScene()
  const plain: FieldInfo = {
    ...field,
    many: false,
    required: false,
    ...(field.type === 'text' ? { type: 'string' } : {}),
  }
  const [text, setText] = useState(() => valueToText(plain, term.value))
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const change = (next: string): void => {
    setText(next)
    // Words name a record only when one is chosen.
    if (field.kind === 'reference' && next !== '' && workspace.typeOfId(next) === undefined) return
    clearTimeout(timer.current)
    timer.current = setTimeout(() => onChange({ ...term, value: textToValue(plain, next) ?? '' }), restMs)
  }
  return (
    <FieldEditor
      field={plain}
      text={text}
      label={`${label}: ${say('filter.value')}`}
      onChange={change}
      autoFocus={term.value === ''}
    />
  )
}

const valueless: ReadonlySet<Operator> = new Set(['isMe', 'empty', 'set'])

function operatorsOf(field: FieldInfo | undefined, isRule: boolean): readonly Operator[] {
  if (!isRule) return listOperatorsOf(field)
  const possible = listOperatorsOf(field).filter((operator) => operator !== 'contains')
  return field === undefined || mayBeMember(field) ? ['isMe', ...possible] : possible
}

function mayBeMember({ kind, to, any }: FieldInfo): boolean {
  return kind === 'reference' && (any === true || to?.includes('User') === true)
}

function listOperatorsOf(field: FieldInfo | undefined): readonly Operator[] {
  if (field === undefined) return operators.filter((operator) => operator !== 'isMe')
  if (field.kind === 'enum' || field.kind === 'reference' || field.type === 'boolean')
    return ['is', 'isNot', 'empty', 'set']
  if (field.many) return ['is', 'empty', 'set']
  const isText = field.type === 'string' || field.type === 'text' || field.type === 'email' || field.type === 'url'
  return isText ? ['contains', 'is', 'isNot', 'empty', 'set'] : ['is', 'atLeast', 'atMost', 'empty', 'set']
}

function valueFor(operator: Operator, value: unknown, field: FieldInfo | undefined): unknown {
  if (valueless.has(operator)) return null
  return value ?? field?.values?.[0] ?? ''
}

interface FilterTextProps {
  readonly filter: Filter
  readonly isOpen: boolean
  readonly onChange: (filter: Filter) => void
}

function FilterText({ filter, isOpen, onChange }: FilterTextProps): ReactNode {
  const { say, errorText } = useSettings()
  const shown = JSON.stringify(filter)
  const [text, setText] = useState(shown)
  const [fault, setFault] = useState<string | undefined>(undefined)
  useEffect(() => setText(shown), [shown])
  const apply = (): void => {
    try {
      onChange(parseFilter(text))
      setFault(undefined)
    } catch (error) {
      setFault(errorText(error))
    }
  }
  return (
    <details className="filter-text" open={isOpen}>
      <summary>{say('list.json')}</summary>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          apply()
        }}
      >
        <input
          type="text"
          spellCheck={false}
          aria-label={say('list.json')}
          value={text}
          aria-invalid={fault !== undefined}
          onChange={({ target }) => setText(target.value)}
        />
        <button type="submit" className="button small">
          {say('list.apply')}
        </button>
        {fault === undefined ? null : <p className="fault">{fault}</p>}
      </form>
    </details>
  )
}
