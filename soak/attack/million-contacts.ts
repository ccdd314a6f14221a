// A tenant with a million contacts: how they look, and the load of them through messages of a hundred calls.

/** The tenant that is loaded and attacked. */
export const millionTenant = 'million'

const organizationsMax = 400
const callsPerMessage = 100
const messagesAtOnce = 4
const titles = ['Head of Sales', 'Sales Engineer', 'Account Manager', 'Buyer', 'Founder'] as const

/** Creates the organizations and contacts, and returns the ids of the organizations. */
export async function loadContacts(
  url: string,
  count: number,
  log: (line: string) => void,
): Promise<readonly string[]> {
  const organizations = await send(
    url,
    Array.from({ length: organizationsMax }, (_, at) => create('Organization', { name: `Organization ${at}` })),
  )
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < count) {
      const from = next
      next = Math.min(count, from + callsPerMessage)
      await send(
        url,
        Array.from({ length: next - from }, (_, at) => create('Contact', contact(from + at, organizations))),
      )
      if (Math.floor(next / 50_000) > Math.floor(from / 50_000)) log(`${next} contacts`)
    }
  }
  await Promise.all(Array.from({ length: messagesAtOnce }, worker))
  return organizations
}

/** A tenth of all contacts belongs to the first organization. */
export function contact(at: number, organizations: readonly string[]): object {
  const organization = at % 10 === 0 ? organizations[0] : organizations[1 + (at % (organizations.length - 1))]
  return {
    name: `Contact ${at}`,
    email: `contact${at}@example.com`,
    title: titles[at % titles.length],
    stage: at % 100 === 0 ? 'Customer' : 'Lead',
    leadScore: at % 100,
    organization,
  }
}

function create(noun: string, body: object): object {
  return { kind: 'write', verb: 'create', noun, body: JSON.stringify(body) }
}

/** Sends one message over HTTP, and returns the ids of what its calls created. */
async function send(url: string, calls: readonly object[]): Promise<readonly string[]> {
  const ids: string[] = []
  for (let from = 0; from < calls.length; from += callsPerMessage) {
    const body = JSON.stringify({ calls: calls.slice(from, from + callsPerMessage) })
    const answer = await fetch(`${url}/~${millionTenant}/rpc`, { method: 'POST', body })
    const text = await answer.text()
    const created = [...text.matchAll(/\\"createdId\\":\\"([^\\]+)\\"/g)].map(([, id]) => id ?? '')
    if (!answer.ok || created.length !== Math.min(callsPerMessage, calls.length - from))
      throw new Error(`a message was answered ${answer.status}: ${text.slice(0, 400)}`)
    ids.push(...created)
  }
  return ids
}
