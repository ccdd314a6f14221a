// The calendar of a type: a month of its records by any date that they have. Arrow keys move between the days.

import { type KeyboardEvent, type ReactNode, useRef } from 'react'
import { Link } from '../base/navigation.tsx'
import { fieldLabel } from '../base/names.ts'
import { useSettings } from '../base/settings-context.tsx'
import { useToolTexts } from '../base/tool-texts.ts'
import type { Entity } from '../data/entity.ts'
import { dayAfter, dayOf, ownZone } from '../data/day-start.ts'
import type { Filter } from '../data/filter-terms.ts'
import { monthAfter, monthDays } from '../data/month-days.ts'
import { createdAt, daysFilter } from '../data/month-filter.ts'
import type { FieldInfo, NounInfo } from '../data/noun-schema.ts'
import { useAsk } from '../data/use-ask.ts'
import { useCounts } from '../data/use-home.ts'
import { useScene } from '../data/workspace-context.tsx'
import { Loaded } from '../ui/panel.tsx'
import { Title } from '../ui/value.tsx'

interface CalendarProps {
  readonly info: NounInfo
  readonly filter: Filter
  /** `calendar`, or `calendar:dueAt:2026-03`. */
  readonly view: string
  readonly onView: (view: string) => void
}

const rowsMax = 500
const shownMax = 4

export function Calendar({ info, filter, view, onView }: CalendarProps): ReactNode {
  const say = useToolTexts()
  const { at, reading } = useScene()
  const { data: status } = useCounts()
  const dates = [createdAt, ...datesOf(info)]
  const [, given = '', chosen = ''] = view.split(':')
  const field = dates.find(({ name }) => name === given) ?? dates[1] ?? createdAt
  const zone = ownZone()
  const month = /^\d{4}-\d{2}$/.test(chosen)
    ? chosen
    : dayOf(at ?? status?.newest ?? new Date().toISOString(), zone).slice(0, 7)
  const rows = useAsk({
    of: info.name,
    name: ['calendar', field.name, month, zone, filter, reading],
    isOn: status !== undefined,
    read: async ({ entity }, signal) =>
      entity(info.name).find(
        { $and: [filter, daysFilter(field, shownDays(month), zone)] },
        { limit: rowsMax, sort: field.name, signal, ...reading },
      ),
  })
  const go = (next: string): void => onView(`calendar:${field.name}:${next}`)
  return (
    <section className="calendar" aria-label={say('calendar.title')}>
      <CalendarTools
        dates={dates.map(({ name }) => name)}
        field={field.name}
        month={month}
        onField={(name) => onView(`calendar:${name}:${month}`)}
        onMonth={go}
      />
      <Loaded of={rows}>
        {(all) => (
          <>
            {all.hasMore ? <p className="soft small">{say('calendar.cut', { count: rowsMax })}</p> : null}
            <Month month={month} rowsOf={(day) => all.filter((row) => dayIn(row, field, zone) === day)} onMonth={go} />
          </>
        )}
      </Loaded>
    </section>
  )
}

function datesOf(info: NounInfo): readonly FieldInfo[] {
  return info.fields.filter(
    ({ kind, type, many }) => kind === 'data' && !many && (type === 'date' || type === 'datetime'),
  )
}

/** The weeks of a month begin before it, and end after it. */
function shownDays(month: string): { readonly first: string; readonly after: string } {
  const days = monthDays(month)
  return { first: days[0] ?? '', after: dayAfter(days.at(-1) ?? '') }
}

/** A time is on the day that the reader's clock shows; a date is a day already. */
function dayIn(row: Entity, { name, type }: typeof createdAt, zone: string): string | undefined {
  const value = row[name]
  if (typeof value !== 'string') return undefined
  return type === 'date' ? value : dayOf(value, zone)
}

interface CalendarToolsProps {
  readonly dates: readonly string[]
  readonly field: string
  readonly month: string
  readonly onField: (field: string) => void
  readonly onMonth: (month: string) => void
}

function CalendarTools({ dates, field, month, onField, onMonth }: CalendarToolsProps): ReactNode {
  const say = useToolTexts()
  const { language, format } = useSettings()
  return (
    <div className="tool-form">
      <button type="button" className="button small" onClick={() => onMonth(monthAfter(month, -1))}>
        {say('calendar.previous')}
      </button>
      <strong aria-live="polite">{format.month(month)}</strong>
      <button type="button" className="button small" onClick={() => onMonth(monthAfter(month, 1))}>
        {say('calendar.next')}
      </button>
      <label>
        <span className="visually-hidden">{say('calendar.field')}</span>
        <select className="small" value={field} onChange={({ target }) => onField(target.value)}>
          {dates.map((name) => (
            <option key={name} value={name}>
              {fieldLabel(name, language.words)}
            </option>
          ))}
        </select>
      </label>
    </div>
  )
}

interface MonthProps {
  readonly month: string
  readonly rowsOf: (day: string) => readonly Entity[]
  readonly onMonth: (month: string) => void
}

function Month({ month, rowsOf, onMonth }: MonthProps): ReactNode {
  const table = useRef<HTMLTableElement>(null)
  const { language } = useSettings()
  const days = monthDays(month)
  const weekday = new Intl.DateTimeFormat(language.locale, { weekday: 'short', timeZone: 'UTC' })
  const weeks = Array.from({ length: days.length / 7 }, (_, at) => days.slice(at * 7, at * 7 + 7))
  const press = (event: KeyboardEvent<HTMLTableElement>): void => {
    if (event.key === 'PageUp' || event.key === 'PageDown') onMonth(monthAfter(month, event.key === 'PageUp' ? -1 : 1))
    else {
      const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 7, ArrowUp: -7 }[event.key]
      const day = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>('[data-day]') : null
      if (step === undefined || day === null) return
      const next = days[days.indexOf(day.dataset['day'] ?? '') + step]
      table.current?.querySelector<HTMLElement>(`[data-day="${next}"]`)?.focus()
    }
    event.preventDefault()
  }
  return (
    <div className="table-scroll">
      <table className="month" ref={table} onKeyDown={press}>
        <thead>
          <tr>
            {days.slice(0, 7).map((day) => (
              <th key={day} scope="col">
                {weekday.format(new Date(`${day}T00:00:00Z`))}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {weeks.map((week) => (
            <tr key={week[0]}>
              {week.map((day) => (
                <Day key={day} day={day} isOther={!day.startsWith(month)} rows={rowsOf(day)} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

interface DayProps {
  readonly day: string
  readonly isOther: boolean
  readonly rows: readonly Entity[]
}

function Day({ day, isOther, rows }: DayProps): ReactNode {
  const { workspace } = useScene()
  const { tenant } = workspace
  return (
    <td data-day={day} tabIndex={0} className={isOther ? 'other' : undefined}>
      <time dateTime={day} className="soft small">
        {Number(day.slice(8))}
      </time>
      <ul>
        {rows.slice(0, shownMax).map((row) => (
          <li key={row.$id}>
            <Link to={{ tenant, noun: row.$type, id: row.$id, search: {} }}>
              <Title entity={row} />
            </Link>
          </li>
        ))}
        {rows.length > shownMax ? <li className="soft small">+{rows.length - shownMax}</li> : null}
      </ul>
    </td>
  )
}
