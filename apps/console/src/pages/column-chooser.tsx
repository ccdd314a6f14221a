// The columns of a list, to choose from all fields of its type. The address, and so a saved view, keeps them.

import type { ReactNode } from 'react'
import { fieldLabel } from '../base/names.ts'
import { useSettings } from '../base/settings-context.tsx'
import { firstColumns, type NounInfo, shownColumns } from '../data/noun-schema.ts'

interface ColumnChooserProps {
  readonly info: NounInfo
  readonly cols: string | undefined
  readonly onChange: (cols: string) => void
}

export function ColumnChooser({ info, cols, onChange }: ColumnChooserProps): ReactNode {
  const { say, language } = useSettings()
  const shown = shownColumns(info, cols)
  const change = (name: string): void => {
    const next = shown.includes(name) ? shown.filter((one) => one !== name) : [...shown, name]
    const isFirst = next.join(',') === firstColumns(info).join(',')
    if (next.length > 0) onChange(isFirst ? '' : next.join(','))
  }
  return (
    <details className="column-chooser">
      <summary className="button small">{say('list.columns')}</summary>
      <ul aria-label={say('list.columns')}>
        {info.fields
          .filter(({ kind }) => kind !== 'reverse')
          .map(({ name }) => (
            <li key={name}>
              <label>
                <input type="checkbox" checked={shown.includes(name)} onChange={() => change(name)} />
                {fieldLabel(name, language.words, info.name)}
              </label>
            </li>
          ))}
      </ul>
    </details>
  )
}
