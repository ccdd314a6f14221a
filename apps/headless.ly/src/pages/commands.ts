// Commands that a reader can paste, with the host and the tenant of the page.

export interface Command {
  readonly title: string
  readonly text: string
}

export interface CommandGroup {
  readonly title: string
  /** A sentence about what the commands need. */
  readonly about: string
  readonly commands: readonly Command[]
}

/** `context` is the tenant's URL. */
export function commandsOf({ context, tenant }: { readonly context: string; readonly tenant: string }): {
  readonly first: Command
  readonly groups: readonly CommandGroup[]
} {
  const endpoint = context.slice(0, -`/~${tenant}`.length)
  const [first, ...others] = curlCommands(context)
  return {
    first,
    groups: [
      {
        title: 'curl',
        about: 'Or any other HTTP client: requests and answers are JSON.',
        commands: [first, ...others],
      },
      typescript({ endpoint, tenant }),
      commandLine({ endpoint, tenant }),
      agent({ context, tenant }),
    ],
  }
}

function curlCommands(context: string): readonly [Command, ...Command[]] {
  const url = (path: string): string => quote(`${context}${path}`)
  const json = `-H 'content-type: application/json'`
  const contact = quote(JSON.stringify({ name: 'Grace Hopper', email: 'grace@example.com' }))
  const code = quote(JSON.stringify({ code: 'async ($) => $.Contact.count()' }))
  return [
    { title: 'Create a contact', text: `curl ${url('/Contact')} ${json} \\\n  -d ${contact}` },
    { title: 'List leads, the newest first', text: `curl ${url('/Contact?stage=Lead&limit=20')}` },
    { title: 'Follow every change', text: `curl -N -H 'accept: text/event-stream' ${url('/events')}` },
    { title: 'Run a function next to the data', text: `curl ${url('/do')} ${json} \\\n  -d ${code}` },
  ]
}

interface Place {
  readonly endpoint: string
  readonly tenant: string
}

function typescript(place: Place): CommandGroup {
  const options = `{ tenant: ${JSON.stringify(place.tenant)}, endpoint: ${JSON.stringify(place.endpoint)} }`
  return {
    title: 'TypeScript',
    about: 'In a checkout of headless.ly, or in any project with a tarball from npm pack -w @headlessly/sdk.',
    commands: [
      {
        title: 'Create, change and find, with inferred types',
        text: `import { Headlessly } from '@headlessly/sdk'

const $ = Headlessly(${options})
const ada = await $.Contact.create({ name: 'Ada Lovelace' })
await $.Contact.qualify(ada.$id)
console.log(await $.Contact.find({ stage: 'Qualified' }))`,
      },
    ],
  }
}

function commandLine({ endpoint, tenant }: Place): CommandGroup {
  const flags = `--tenant ${tenant} --endpoint ${quote(endpoint)}`
  return {
    title: 'Command line',
    about: 'In a checkout of headless.ly.',
    commands: [
      { title: 'List contacts', text: `npx headlessly Contact.find ${flags}` },
      { title: 'Show all commands', text: 'npx headlessly help' },
    ],
  }
}

function agent({ context, tenant }: { readonly context: string; readonly tenant: string }): CommandGroup {
  return {
    title: 'Agent',
    about:
      'llms.txt describes entity types, fields, verbs and calls to a language model. An agent needs HTTP and this.',
    commands: [
      {
        title: 'Tell your agent',
        text: `Use the tenant "${tenant}" of headless.ly, a backend for a whole business. Read ${context}/llms.txt first: it lists the entity types, their fields and verbs, and how to call them over HTTP.`,
      },
    ],
  }
}

/** Quotes a text, so that a POSIX shell reads it as a single word. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
