// Says that the page shows a past moment, chooses its day, and leads back to now.

import type { ReactNode } from 'react'
import { go, usePlace } from '../base/navigation.tsx'
import { useSettings } from '../base/settings-context.tsx'
import { dayEnd, dayOf, ownZone } from '../data/day-start.ts'
import { useCounts } from '../data/use-home.ts'

/** The slider is near enough for most; a day is chosen exactly, and shown as it ended. */
export function PastNotice({ at }: { readonly at: string }): ReactNode {
  const { say, format } = useSettings()
  const place = usePlace()
  const zone = ownZone()
  const day = dayOf(at, zone)
  const { data: status } = useCounts()
  const oldest = status?.oldest ?? undefined
  const newest = status?.newest ?? undefined
  const show = (moment: string): void => go({ ...place, search: { ...place.search, at: moment } })
  const choose = (chosen: string): void => {
    const end = dayEnd(chosen, zone)
    show(newest !== undefined && end >= newest ? '' : end)
  }
  return (
    <section className="past-notice" aria-label={say('time.label')}>
      <span role="status">{say('time.past', { time: format.time(at) })}</span>
      <label>
        <span className="visually-hidden">{say('time.day')}</span>
        {/* While a year is typed, it is one of the first thousand, before the first event. */}
        <input
          key={day}
          type="date"
          defaultValue={day}
          min={oldest === undefined ? undefined : dayOf(oldest, zone)}
          max={newest === undefined ? undefined : dayOf(newest, zone)}
          onChange={({ target }) => target.validity.valid && target.value !== '' && choose(target.value)}
        />
      </label>
      <button type="button" className="button small" onClick={() => show('')}>
        {say('time.back')}
      </button>
    </section>
  )
}
