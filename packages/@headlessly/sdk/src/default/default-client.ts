// `$`: the default client, with the same entities that the packages export.

import { assembleClient, type Client } from '../client/client.ts'
import { defaultSession } from './default-session.ts'
import { analytics } from './analytics.ts'
import { billing } from './billing.ts'
import { Message } from './communication.ts'
import { content } from './content.ts'
import { crm } from './crm.ts'
import { experiments } from './experiments.ts'
import { User, ApiKey } from './identity.ts'
import { marketing } from './marketing.ts'
import { platform } from './platform.ts'
import { projects } from './projects.ts'
import { support } from './support.ts'

/** Configured at its first use by `HEADLESSLY_TENANT`, `HEADLESSLY_API_KEY` and `HEADLESSLY_ENDPOINT`. */
export const $: Client = /* @__PURE__ */ makeDefaultClient()

function makeDefaultClient(): Client {
  const namespaces = { crm, billing, projects, content, support, analytics, marketing, experiments, platform }
  const entities = {
    User,
    ApiKey,
    Message,
    ...crm,
    ...billing,
    ...projects,
    ...content,
    ...support,
    ...analytics,
    ...marketing,
    ...experiments,
    ...platform,
  }
  return assembleClient({ ...entities, ...namespaces }, defaultSession)
}
