// The choices of an import that a file leaves open: how dates and numbers are written, and what becomes of unknown columns.

import type { ImportOptions } from '@headlessly/sdk'
import type { ReactNode } from 'react'
import { useToolTexts } from '../base/tool-texts.ts'

const options = {
  unmapped: ['ignore', 'metadata', 'refuse'],
  dates: ['dmy', 'mdy', 'ymd'],
  decimal: ['.', ','],
  amounts: ['major', 'minor'],
} as const

type ChoiceName = keyof typeof options
export type Choices = Readonly<Partial<Record<ChoiceName | 'match', string>>> & {
  /** The field that takes the column of a header, chosen by hand. */
  readonly columns?: Readonly<Record<string, string>>
  /** The text of the value that all rows have, by field. */
  readonly values?: Readonly<Record<string, string>>
}

interface ImportChoicesProps {
  readonly choices: Choices
  readonly onChange: (choices: Choices) => void
}

export function ImportChoices({ choices, onChange }: ImportChoicesProps): ReactNode {
  const say = useToolTexts()
  return (
    <div className="tool-form">
      {(Object.keys(options) as readonly ChoiceName[]).map((name) => (
        <label key={name}>
          {say(`import.${name}`)}
          <select value={choices[name] ?? ''} onChange={({ target }) => onChange({ ...choices, [name]: target.value })}>
            <option value="">{say('import.asFile')}</option>
            {options[name].map((value) => (
              <option key={value} value={value}>
                {say(`import.${value === '.' ? 'point' : value === ',' ? 'comma' : value}`)}
              </option>
            ))}
          </select>
        </label>
      ))}
      <label>
        {say('import.match')}
        <input
          value={choices.match ?? ''}
          placeholder="email"
          onChange={({ target }) => onChange({ ...choices, match: target.value })}
        />
      </label>
    </div>
  )
}

/** A pasted table has tabs between its cells. */
export function optionsOf(
  { match, columns = {}, values: texts = {}, ...choices }: Choices,
  { name, valueOf }: { readonly name: string; readonly valueOf: (field: string, text: string) => unknown },
): ImportOptions {
  const chosen = (Object.keys(options) as readonly ChoiceName[]).flatMap((option) =>
    choices[option] ? [[option, choices[option]] as const] : [],
  )
  const given = Object.entries(texts).filter(([, text]) => text.trim() !== '')
  const values = Object.fromEntries(given.map(([field, text]) => [field, valueOf(field, text)]))
  return {
    ...Object.fromEntries(chosen),
    ...(match ? { match } : {}),
    ...(Object.keys(columns).length > 0 ? { columns } : {}),
    ...(Object.keys(values).length > 0 ? { values } : {}),
    ...(name.endsWith('.tsv') ? { format: 'csv', delimiter: '\t' } : {}),
  }
}
