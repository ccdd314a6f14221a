// Every verb of a deal, from every stage to every stage that it leads to, by the buttons of the console.

import { anyEntity, Headlessly } from '@headlessly/sdk'
import { Deal, type NounSchema } from 'digital-objects'
import { expect, test } from 'vitest'
import { hasChromium, openChromium } from './chromium.ts'
import { performVerb } from './perform-verb.ts'
import { useServer } from './server.ts'

const { url } = useServer()
const tenant = 'visby'

test.skipIf(!hasChromium)(
  'each verb that the catalog allows in a stage is a button, and does what the catalog says',
  async () => {
    const client = Headlessly({ tenant, endpoint: url() })
    const deals = anyEntity(client, 'Deal')
    const { transitions, verbs }: NounSchema = Deal.$schema
    const events = new Map(Object.entries(verbs).map(([verb, { event }]) => [verb, `Deal.${event}`]))
    const moves = transitions
      .filter(({ verb }) => verb !== 'create')
      .flatMap(({ from, verb, to }) => from.map((stage) => ({ stage, verb, to })))
    const distinct = [...new Map(moves.map((move) => [JSON.stringify(move), move])).values()]
    const browser = await openChromium()
    try {
      const page = await browser.newPage({ locale: 'en-GB', reducedMotion: 'reduce' })
      for (const { stage, verb, to } of distinct) {
        const created = await deals.perform('create', { name: `${verb} from ${stage} to ${to}`, value: 1_000, stage })
        const id = created?.$id ?? ''
        await page.goto(`${url()}/console/${tenant}/Deal/${id}`)
        const several = distinct.some((other) => other.verb === verb && other.to !== to)
        const label = verb.charAt(0).toUpperCase() + verb.slice(1)
        const shown = await performVerb(page, several ? `${label} to ${to}` : label)
        const { stage: stored } = (await client.Deal.get(id, { strong: true })) ?? {}
        const [, ...written] = (await client.Deal.history(id)).map(({ type }) => type)
        expect({ stage, verb, shown, stored, written }).toEqual({
          stage,
          verb,
          shown: to,
          stored: to,
          written: [events.get(verb)],
        })
      }
      expect(new Set(distinct.map(({ verb }) => verb))).toEqual(new Set(['advance', 'close', 'win', 'lose', 'reopen']))
      expect(distinct.length).toBeGreaterThan(30)
    } finally {
      await browser.close()
    }
  },
)
