// A chart of one's own: the records of a type, counted or added up, by a field or a period. Its address restores it, and each bar
// leads to its records.

import { type ReactNode } from 'react'
import { go, usePlace } from '../base/navigation.tsx'
import { fieldLabel, nounLabel, valueLabel } from '../base/names.ts'
import { useSettings } from '../base/settings-context.tsx'
import { useToolTexts } from '../base/tool-texts.ts'
import type { Group } from '../data/entity.ts'
import { type Filter, parseFilter } from '../data/filter-terms.ts'
import { createdAt, monthFilter } from '../data/month-filter.ts'
import { type FieldInfo, inOrderOf, type NounInfo, useNounInfo } from '../data/noun-schema.ts'
import { useAsk } from '../data/use-ask.ts'
import { useScene } from '../data/workspace-context.tsx'
import { BarRows } from '../ui/bar-rows.tsx'
import { Loaded, Panel } from '../ui/panel.tsx'
import { Amount, EntityName } from '../ui/value.tsx'

const groupsMax = 50
const numberTypes = ['number', 'integer', 'money']

/** The address holds the type as `view`, the groups as `group`, the sum as `sort`, and the filter as `f`. */
export function OwnChart(): ReactNode {
  const say = useToolTexts()
  const { search } = usePlace()
  const { workspace } = useScene()
  const noun = search.view !== undefined && workspace.types.has(search.view) ? search.view : 'Deal'
  const info = useNounInfo(noun)
  return (
    <Panel title={say('numbers.chart')} hint={say('numbers.chartHint')} isWide>
      <Loaded of={info}>
        {(known) => (
          <>
            <ChartChoices info={known} />
            <Chart info={known} />
          </>
        )}
      </Loaded>
    </Panel>
  )
}

function periodsOf(info: NounInfo): readonly string[] {
  const dates = info.fields.filter(({ type, many }) => !many && (type === 'date' || type === 'datetime'))
  return ['$createdAt', ...dates.map(({ name }) => name)].map((name) => `month(${name})`)
}

function groupsOf(info: NounInfo): readonly string[] {
  const values = info.fields.filter(
    ({ kind, type, many }) => !many && (kind === 'enum' || kind === 'reference' || type === 'boolean'),
  )
  return [...values.map(({ name }) => name), ...periodsOf(info)]
}

function ChartChoices({ info }: { readonly info: NounInfo }): ReactNode {
  const say = useToolTexts()
  const { language } = useSettings()
  const place = usePlace()
  const { workspace } = useScene()
  const { search } = place
  const change = (part: typeof search): void => go({ ...place, search: { ...search, ...part } }, { replace: true })
  const sums = info.fields.filter(({ kind, type = '', many }) => kind === 'data' && !many && numberTypes.includes(type))
  const labelOf = (by: string): string =>
    by.startsWith('month(')
      ? say('numbers.monthOf', { field: fieldLabel(by.slice(6, -1), language.words, info.name) })
      : fieldLabel(by, language.words, info.name)
  return (
    <div className="tool-form">
      <label>
        {say('numbers.records')}
        <select value={info.name} onChange={({ target }) => change({ view: target.value, group: '', sort: '', f: '' })}>
          {[...workspace.types.keys()].map((name) => (
            <option key={name} value={name}>
              {nounLabel(name, language.words, 'many')}
            </option>
          ))}
        </select>
      </label>
      <label>
        {say('numbers.by')}
        <select value={byOf(info, search.group)} onChange={({ target }) => change({ group: target.value })}>
          {groupsOf(info).map((by) => (
            <option key={by} value={by}>
              {labelOf(by)}
            </option>
          ))}
        </select>
      </label>
      <label>
        {say('numbers.measure')}
        <select value={search.sort ?? ''} onChange={({ target }) => change({ sort: target.value })}>
          <option value="">{say('numbers.count')}</option>
          {sums.map(({ name }) => (
            <option key={name} value={name}>
              {say('numbers.sumOf', { field: fieldLabel(name, language.words, info.name) })}
            </option>
          ))}
        </select>
      </label>
      <label className="grow">
        {say('numbers.filter')}
        <input
          key={search.f}
          defaultValue={search.f ?? ''}
          placeholder='{"status":"Active"}'
          onBlur={({ target }) => change({ f: target.value })}
          onKeyDown={({ key, currentTarget }) => key === 'Enter' && change({ f: currentTarget.value })}
        />
      </label>
    </div>
  )
}

function byOf(info: NounInfo, wanted: string | undefined): string {
  const all = groupsOf(info)
  return all.find((name) => name === wanted) ?? all.find((name) => name === info.state) ?? all[0] ?? 'month($createdAt)'
}

function Chart({ info }: { readonly info: NounInfo }): ReactNode {
  const say = useToolTexts()
  const { format } = useSettings()
  const { search } = usePlace()
  const { workspace, reading } = useScene()
  const by = byOf(info, search.group)
  const summed = info.fields.find(({ name }) => name === search.sort)
  const sum = summed?.name
  const groups = useAsk({
    of: info.name,
    name: ['chart', by, sum, search.f, reading],
    read: async ({ entity }, signal) =>
      entity(info.name).aggregate(parseFilter(search.f), {
        by,
        zone: workspace.timeZone,
        limit: groupsMax,
        ...(sum === undefined ? {} : { sum }),
        signal,
        ...reading,
      }),
  })
  const rowOf = (group: Group) => {
    const value = group.by[by]
    const amount = sum === undefined ? group.count : (group.sum?.[sum] ?? 0)
    const own = groupFilter(info, { by, value }, workspace.timeZone)
    const f = JSON.stringify({ ...parseFilter(search.f), ...own })
    return {
      key: String(value),
      label: <GroupName by={by} value={value} />,
      value: amount,
      text:
        summed === undefined ? format.number(amount) : <Amount field={summed} value={amount} currency={undefined} />,
      ...(sum === undefined ? {} : { note: format.number(group.count) }),
      to: { tenant: workspace.tenant, noun: info.name, search: { f } },
    }
  }
  return (
    <Loaded of={groups}>
      {(rows) =>
        rows.length === 0 ? (
          <p className="soft">{say('numbers.none')}</p>
        ) : (
          <BarRows rows={inOrderOf(info, by, rows).map(rowOf)} />
        )
      }
    </Loaded>
  )
}

/** The records of a group; a group of months may be that of the records without a date. */
function groupFilter(
  info: NounInfo,
  { by, value }: { readonly by: string; readonly value: unknown },
  zone: string,
): Filter {
  if (!by.startsWith('month(')) return { [by]: value ?? null }
  const date = dateOf(info, by)
  return typeof value === 'string' ? monthFilter(date, value, zone) : { [date.name]: null }
}

/** The field of `month(field)`. */
function dateOf({ fields }: NounInfo, by: string): FieldInfo | typeof createdAt {
  return fields.find(({ name }) => name === by.slice('month('.length, -1)) ?? createdAt
}

interface GroupNameProps {
  readonly by: string
  readonly value: unknown
}

function GroupName({ by, value }: GroupNameProps): ReactNode {
  const say = useToolTexts()
  const { format, language } = useSettings()
  if (value === null || value === undefined) return say('numbers.noValue')
  return by.startsWith('month(') ? (
    format.month(String(value))
  ) : (
    <EntityName id={valueLabel(String(value), language.words)} />
  )
}
