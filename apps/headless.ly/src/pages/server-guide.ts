// The server described to language models: `/llms.txt` in the form of llmstxt.org.

import { docLinks } from './docs-pages.ts'
import { about, exampleTenant, type FrontPage } from './front-page.ts'
import { markdownUrl } from './markdown-text.ts'

export function serverGuide({ front, base }: { readonly front: FrontPage; readonly base: string }): string {
  const { results, hasMore } = front.tenants
  const tenants = results.map(
    ({ name }) => `- [${name}](${markdownUrl(base)}/~${name}/llms.txt): its entity types and calls`,
  )
  const none = `- [${exampleTenant}](${markdownUrl(base)}/~${exampleTenant}/llms.txt): a tenant that begins with its first write`
  return `# headless.ly

> ${about}

Each tenant is one business, at ${base}/~{tenant}. Read the tenant's llms.txt before you call it: it lists its entity types, their fields and verbs, and the calls. Requests and answers are JSON; pages and documentation are Markdown for \`Accept: text/markdown\`. On its own machine the server needs no key; elsewhere send \`Authorization: Bearer hly_sk_…\`, or sign in by OAuth. Agents connect to ${base}/~{tenant}/mcp.

## Tenants

${tenants.length === 0 ? none : tenants.join('\n')}
${hasMore ? `- [all tenants](${markdownUrl(front.links.tenants)}): the complete list, as JSON\n` : ''}
## Documentation

${docLinks(base)}

## Optional

- [OpenAPI](${markdownUrl(base)}/openapi): the routes of the server itself, which list and delete tenants
- [llms-full.txt](${markdownUrl(front.links.llmsFull)}): all documentation in one text
`
}
