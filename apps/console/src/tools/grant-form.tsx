// The rights of a role over records: which it reads and writes, the verbs that it calls, and the fields that it does not see.

import type { Grant } from '@headlessly/sdk'
import type { ReactNode } from 'react'
import { fieldLabel, nounLabel, verbLabel } from '../base/names.ts'
import { useSettings } from '../base/settings-context.tsx'
import { useToolTexts } from '../base/tool-texts.ts'
import { type NounInfo, useNounInfo } from '../data/noun-schema.ts'
import { type Extent, extentOf, type RowRule, ruleOf, toggled } from '../data/role-draft.ts'
import { FilterBar } from '../ui/filter-bar.tsx'
import { Icon } from '../ui/icon.tsx'

interface NounGrantProps {
  readonly noun: string
  readonly grant: Grant
  /** Without a grant, the type is no longer named. */
  readonly onChange: (grant: Grant | undefined) => void
}

export function NounGrant({ noun, grant, onChange }: NounGrantProps): ReactNode {
  const say = useToolTexts()
  const { language } = useSettings()
  const { data: info } = useNounInfo(noun)
  const title = nounLabel(noun, language.words, 'many')
  return (
    <GrantForm
      title={title}
      info={info}
      grant={grant}
      onChange={onChange}
      tools={
        <button
          type="button"
          className="button icon-only small quiet"
          aria-label={say('rules.removeType', { type: title })}
          onClick={() => onChange(undefined)}
        >
          <Icon name="close" />
        </button>
      }
    />
  )
}

interface GrantFormProps {
  readonly title: string
  /** Absent for all other types, which have no fields in common. */
  readonly info?: NounInfo | undefined
  readonly grant: Grant
  readonly tools?: ReactNode
  readonly onChange: (grant: Grant) => void
}

export function GrantForm({ title, info, grant, tools, onChange }: GrantFormProps): ReactNode {
  const say = useToolTexts()
  const { read = 'none', write = 'none', verbs = [], hidden = [] } = grant
  return (
    <fieldset className="grant">
      <legend>{title}</legend>
      <div className="grant-choices">
        <RowsChoice
          label={say('rules.read')}
          rule={read}
          info={info}
          onChange={(next) => onChange({ ...grant, read: next })}
        />
        <RowsChoice
          label={say('rules.write')}
          rule={write}
          info={info}
          onChange={(next) => onChange({ ...grant, write: next })}
        />
        <VerbsChoice verbs={verbs} info={info} onChange={(next) => onChange({ ...grant, verbs: next })} />
        {tools}
      </div>
      <RowsFilter
        label={say('rules.readThose', { type: title })}
        rule={read}
        info={info}
        onChange={(next) => onChange({ ...grant, read: next })}
      />
      <RowsFilter
        label={say('rules.writeThose', { type: title })}
        rule={write}
        info={info}
        onChange={(next) => onChange({ ...grant, write: next })}
      />
      <VerbList verbs={verbs} info={info} onChange={(next) => onChange({ ...grant, verbs: next })} />
      {info === undefined ? null : (
        <HiddenFields info={info} hidden={hidden} onChange={(next) => onChange({ ...grant, hidden: next })} />
      )}
    </fieldset>
  )
}

interface ExtentChoiceProps {
  readonly label: string
  readonly extent: Extent
  /** Whether a part can be chosen here. */
  readonly hasSome: boolean
  readonly onChange: (extent: Extent) => void
}

const extents = ['all', 'some', 'none'] as const

function ExtentChoice({ label, extent, hasSome, onChange }: ExtentChoiceProps): ReactNode {
  const say = useToolTexts()
  return (
    <label>
      {label}
      <select
        className="small"
        value={extent}
        onChange={({ target }) => onChange(extents.find((one) => one === target.value) ?? 'none')}
      >
        {extents
          .filter((one) => one !== 'some' || hasSome || extent === 'some')
          .map((one) => (
            <option key={one} value={one}>
              {say(`rules.${one}`)}
            </option>
          ))}
      </select>
    </label>
  )
}

interface RowsProps {
  readonly label: string
  readonly rule: RowRule
  readonly info: NounInfo | undefined
  readonly onChange: (rule: RowRule) => void
}

function RowsChoice({ label, rule, info, onChange }: RowsProps): ReactNode {
  const owner = info?.fields.find(({ kind, to }) => kind === 'reference' && to?.includes('User') === true)?.name
  return (
    <ExtentChoice
      label={label}
      extent={extentOf(rule)}
      hasSome={info !== undefined}
      onChange={(extent) => onChange(ruleOf(extent, owner))}
    />
  )
}

function RowsFilter({ label, rule, info, onChange }: RowsProps): ReactNode {
  if (typeof rule === 'string' || info === undefined) return null
  return (
    <div className="grant-part">
      <p className="small">{label}</p>
      <FilterBar
        isRule
        label={label}
        info={info}
        filter={rule}
        // A filter is JSON, as a rule is.
        onChange={(filter) => onChange(filter as RowRule)}
      />
    </div>
  )
}

interface VerbsProps {
  readonly verbs: NonNullable<Grant['verbs']>
  readonly info: NounInfo | undefined
  readonly onChange: (verbs: NonNullable<Grant['verbs']>) => void
}

const commonVerbs = ['create', 'update', 'delete']

function verbsOf(info: NounInfo | undefined): readonly string[] {
  if (info === undefined) return commonVerbs
  const called = info.verbs.filter(({ systemOnly }) => systemOnly !== true).map(({ verb }) => verb)
  return called.filter((verb) => !info.disabled.includes(verb))
}

function VerbsChoice({ verbs, info, onChange }: VerbsProps): ReactNode {
  const say = useToolTexts()
  const [first = 'update'] = verbsOf(info)
  return (
    <ExtentChoice
      label={say('rules.verbs')}
      extent={extentOf(verbs)}
      hasSome
      onChange={(extent) => onChange(extent === 'all' ? 'all' : extent === 'none' ? [] : [first])}
    />
  )
}

function VerbList({ verbs, info, onChange }: VerbsProps): ReactNode {
  const say = useToolTexts()
  const { language } = useSettings()
  if (verbs === 'all' || verbs.length === 0) return null
  return (
    <div className="grant-part checks" role="group" aria-label={say('rules.verbs')}>
      {[...new Set([...verbsOf(info), ...verbs])].map((verb) => (
        <label key={verb}>
          <input type="checkbox" checked={verbs.includes(verb)} onChange={() => onChange(toggled(verbs, verb))} />
          {verbLabel(verb, language.words, info?.name)}
        </label>
      ))}
    </div>
  )
}

interface HiddenFieldsProps {
  readonly info: NounInfo
  readonly hidden: readonly string[]
  readonly onChange: (hidden: readonly string[]) => void
}

function HiddenFields({ info, hidden, onChange }: HiddenFieldsProps): ReactNode {
  const say = useToolTexts()
  const { language } = useSettings()
  const names = hidden.map((name) => fieldLabel(name, language.words, info.name)).join(', ')
  return (
    <details className="grant-part">
      <summary>
        {say('rules.hidden')}: {names === '' ? say('rules.noneHidden') : names}
      </summary>
      <div className="checks" role="group" aria-label={say('rules.hidden')}>
        {info.fields.map(({ name }) => (
          <label key={name}>
            <input type="checkbox" checked={hidden.includes(name)} onChange={() => onChange(toggled(hidden, name))} />
            {fieldLabel(name, language.words, info.name)}
          </label>
        ))}
      </div>
    </details>
  )
}
