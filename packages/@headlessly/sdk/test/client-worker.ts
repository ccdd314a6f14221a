// A Worker that uses the client as in the documentation: one client for all requests, created when the module loads.

import { Contact } from '@headlessly/crm'
import { Headlessly } from '@headlessly/sdk'
import { runPlatformProgram } from './platform-program.ts'

const { HEADLESSLY_ENDPOINT: endpoint = '', HEADLESSLY_TENANT: tenant = '' } = process.env
const shared = Headlessly({ endpoint, tenant })

export default {
  async fetch(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url)
    const name = searchParams.get('name') ?? ''
    switch (pathname) {
      case '/program':
        return Response.json(await runPlatformProgram({ endpoint, tenant, Contact }))
      case '/chain': {
        const contact = shared.Contact.create({ name, stage: 'Qualified' })
        const deal = shared.Deal.create({ name: `${name}'s`, value: 1, contact: contact.$id })
        const { $id } = await contact
        const deals = await shared.Contact.find({ $id })
          .map((one) => one.deals)
          .filter((one) => one.value > 0)
          .map((one) => `${one.name} of ${one.contact?.name ?? 'nobody'}`)
        return Response.json([(await deal).contact === $id, deals])
      }
      case '/listen':
        // Nothing awaits it: the request ends with the answer, and so does all work that it started.
        shared.events.subscribe('*', () => {})
        return new Response('listens')
      case '/hear': {
        let stop = (): void => {}
        const heard = new Promise((resolve) => {
          stop = shared.events.subscribe('Contact.Created', ({ data }) => {
            if (data.name === name) resolve(data.$id)
          })
        })
        // Runs in a later task, while the subscription is still being made.
        await Promise.resolve()
        const { $id } = await shared.Contact.create({ name })
        const isHeard = (await heard) === $id
        stop()
        return Response.json([isHeard])
      }
      case '/hang':
        // The caller disconnects while one of the calls is in progress.
        for (let calls = 0; calls < 10_000; calls++) await shared.Contact.count()
        return new Response('nobody waits for so long')
      default:
        return new Response('no such path', { status: 404 })
    }
  },
}
