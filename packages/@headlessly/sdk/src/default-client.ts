// `$`: the default client, of the same entities that the packages export.

import { assembleClient, type Client } from './client.ts'
import { defaultSession } from './default-session.ts'
import { analytics } from './entities/analytics.ts'
import { billing } from './entities/billing.ts'
import { Message } from './entities/communication.ts'
import { content } from './entities/content.ts'
import { crm } from './entities/crm.ts'
import { experiments } from './entities/experiments.ts'
import { User, ApiKey } from './entities/identity.ts'
import { marketing } from './entities/marketing.ts'
import { platform } from './entities/platform.ts'
import { projects } from './entities/projects.ts'
import { support } from './entities/support.ts'

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
