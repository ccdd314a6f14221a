// `npm start`: the embedded server from the command line.

import { readFileSync, statSync } from 'node:fs'
import { isIP } from 'node:net'
import { greeting } from './greeting.ts'
import { parseLakeBucket } from './lake-bucket.ts'
import { type Server, type ServerOptions, startServer } from './launcher.ts'
import { formatOwnerLink, makeOwnerLink, type OwnerLink } from './owner-link.ts'
import { whenParentEnds } from './parent-process.ts'
import { parseServeOptions, type ServeValues, serveUsage } from './serve-options.ts'

const usage = `headless.ly: the backend that a business runs on

${serveUsage()}`

async function main(): Promise<void> {
  const options = parseServeOptions(process.env, process.argv.slice(2))
  if (options.isOn('help')) return console.log(usage)
  const host = parseHost(options.text('host') ?? '')
  const requireSignIn = host !== '127.0.0.1' || options.isOn('require-sign-in')
  const link = requireSignIn ? makeOwnerLink(options.isOn('owner-link') ? 'recover' : 'claim') : undefined
  const port = parsePort(options.text('port') ?? '')
  const dataFolder = options.text('data') ?? ''
  const log = options.isOn('verbose') ? (line: string) => console.error(line) : () => {}
  // Printed even without --verbose, because a restart interrupts every tenant.
  const warn = (line: string): void => console.error(line)
  const server = await startServer({
    ...parseSettings(options),
    dataFolder,
    host,
    port,
    requireSignIn,
    log,
    warn,
    ...(link === undefined ? {} : { ownerLink: link.binding }),
  }).catch((error: unknown) => {
    const isTaken = error instanceof Error && /Address already in use/i.test(error.message)
    throw isTaken ? new Error(`port ${port} is taken: choose another with --port`) : error
  })
  const claim = link === undefined ? undefined : await offerLink({ server, link, options })
  const fault = (await configurationFault(server.url)) ?? claim?.fault
  if (fault !== undefined) {
    await server.stop()
    throw new Error(fault)
  }
  let isStopping = false
  const stop = (): void => {
    if (isStopping) return
    isStopping = true
    void server.stop().then(() => process.exit(0))
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
  if (options.isOn('stop-with-parent')) {
    whenParentEnds((parent) => {
      warn(`process ${parent}, which started this server, has ended: stopping`)
      stop()
    })
  }
  // A program that starts the server may stop it as soon as it reads this, so the handlers are registered before.
  console.log(greeting({ url: server.url, dataFolder, requireSignIn }))
  if (claim?.text !== undefined) console.log(claim.text)
  await server.ended
}

/** Returns the Worker's complaint about its configuration, if any. */
async function configurationFault(url: string): Promise<string | undefined> {
  const answer = await fetch(`${url}/health`)
  if (answer.ok) return undefined
  const problem: unknown = await answer.json()
  const isTold = typeof problem === 'object' && problem !== null && 'detail' in problem
  return isTold ? String(problem.detail) : `the server answers ${answer.status}`
}

/** The settings of the Worker. Throws for one that would silently do nothing. */
function parseSettings(options: ServeValues): Partial<ServerOptions> {
  const [flush, hosts, publicUrl] = (['flush', 'allowed-hosts', 'public-url'] as const).map(options.text)
  const names = hosts?.split(',').map((name) => name.trim().toLowerCase())
  const wrong = names?.find((name) => !/^[a-z0-9][a-z0-9.-]*$/.test(name))
  if (wrong !== undefined)
    throw new Error(`expected host names without ports as --allowed-hosts, separated by commas, got '${wrong}'`)
  if (publicUrl !== undefined && !/^https?:\/\/[^/?#\s]+(?:\/[^?#\s]*[^/?#\s])?$/.test(publicUrl))
    throw new Error(`expected a URL without a slash at its end as --public-url, got '${publicUrl}'`)
  const [proxies, providerFile] = (['trusted-proxies', 'sign-in-provider'] as const).map(options.text)
  const wrongProxy = proxies?.split(',').find((address) => isIP(address.trim()) === 0)
  if (wrongProxy !== undefined)
    throw new Error(`expected IP addresses as --trusted-proxies, separated by commas, got '${wrongProxy}'`)
  const lakeBucket = options.text('lake-bucket')
  const stripeServer = options.text('stripe-server')
  if (stripeServer !== undefined && !/^https?:\/\/[^/?#\s@]+$/.test(stripeServer))
    throw new Error(`expected a URL without a path as --stripe-server, got '${stripeServer}'`)
  const importFolder = options.text('import-folder')
  if (importFolder !== undefined && !statSync(importFolder, { throwIfNoEntry: false })?.isDirectory())
    throw new Error(`expected a folder as --import-folder, got '${importFolder}'`)
  return {
    ...(importFolder === undefined ? {} : { importFolder }),
    ...(lakeBucket === undefined ? {} : { lakeBucket: parseLakeBucket(lakeBucket, process.env) }),
    ...(providerFile === undefined ? {} : { signInProvider: readFileSync(providerFile, 'utf8').trim() }),
    ...(proxies === undefined ? {} : { trustedProxies: proxies }),
    ...(flush === undefined ? {} : { flush }),
    ...(names === undefined ? {} : { allowedHosts: names.join(',') }),
    ...(publicUrl === undefined ? {} : { publicUrl }),
    ...(stripeServer === undefined ? {} : { stripeServer }),
    ...parseRateLimit(options.text('rate-limit')),
    ...parseTrials(options),
    ...parseNetworkSettings(options),
  }
}

function parseTrials(options: ServeValues): Pick<ServerOptions, 'trials' | 'demoTenant' | 'ciIssuers'> {
  const [trials = '', demoTenant, file] = (['trials', 'demo-tenant', 'ci-issuers'] as const).map(options.text)
  if (!['off', 'members', 'open'].includes(trials))
    throw new Error(`expected off, members or open as --trials, got '${trials}'`)
  if (demoTenant !== undefined && !/^[a-z0-9][a-z0-9-]{0,62}[a-z0-9]$/.test(demoTenant))
    throw new Error(`expected the name of a tenant as --demo-tenant, got '${demoTenant}'`)
  return {
    trials,
    ...(demoTenant === undefined ? {} : { demoTenant }),
    ...(file === undefined ? {} : { ciIssuers: readFileSync(file, 'utf8').trim() }),
  }
}

function parseRateLimit(text: string | undefined): Pick<ServerOptions, 'rateLimit'> {
  if (text === undefined) return {}
  if (/^\d{1,9}$/.test(text)) return { rateLimit: Number(text) }
  throw new Error(`expected a number of requests as --rate-limit, got '${text}'`)
}

type NetworkOptions = Pick<
  ServerOptions,
  'mail' | 'mailNetworks' | 'mailAuthorities' | 'outsideNetworks' | 'outsideAuthorities'
>

function parseNetworkSettings(options: ServeValues): NetworkOptions {
  const [mailNetworks, outsideNetworks] = (['mail-networks', 'outside-networks'] as const).map((name) =>
    parseNetworks(name, options.text(name)),
  )
  const [mailAuthority, outsideAuthority, mail] = (['mail-authority', 'outside-authority', 'mail'] as const).map(
    (name) => {
      const file = options.text(name)
      return file === undefined ? undefined : readFileSync(file, 'utf8')
    },
  )
  return {
    ...(mailNetworks === undefined ? {} : { mailNetworks }),
    ...(mailAuthority === undefined ? {} : { mailAuthorities: [mailAuthority] }),
    ...(outsideNetworks === undefined ? {} : { outsideNetworks }),
    ...(outsideAuthority === undefined ? {} : { outsideAuthorities: [outsideAuthority] }),
    ...(mail === undefined ? {} : { mail: mail.trim() }),
  }
}

function parseNetworks(option: string, text: string | undefined): readonly string[] | undefined {
  const names = text?.split(',').map((name) => name.trim())
  const wrong = names?.find((name) => !/^(?:private|local|[0-9a-f.:]+\/\d{1,3})$/.test(name))
  if (wrong === undefined) return names
  throw new Error(`expected private, local or ranges such as 10.0.0.0/8 as --${option}, got '${wrong}'`)
}

/** Returns the link to print; or a fault if the server has no owner and nobody at a terminal can become it. */
async function offerLink(start: {
  readonly server: Server
  readonly link: OwnerLink
  readonly options: ServeValues
}): Promise<{ readonly text?: string; readonly fault?: string }> {
  const { server, link, options } = start
  const { isClaimed } = (await (await fetch(`${server.url}/sign-in/state`)).json()) as { readonly isClaimed: boolean }
  const base = options.text('public-url') ?? server.url
  if (isClaimed)
    return options.isOn('owner-link') ? { text: formatOwnerLink(`${base}/sign-in/recover`, link, 'sign in again') } : {}
  // The output of a service often ends in a log, where the link must not be.
  if (!options.isGiven('host') && !options.isOn('require-sign-in'))
    return { fault: 'the server has no owner: start it once with --host, which prints the link that creates the owner' }
  return { text: formatOwnerLink(`${base}/sign-in/claim`, link, 'become the owner of this server') }
}

/** An IP address; `localhost` is that of loopback. */
function parseHost(text: string): string {
  if (text === 'localhost') return '127.0.0.1'
  if (isIP(text) !== 0) return text
  throw new Error(`expected an IP address such as 0.0.0.0 as --host, got '${text}'`)
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (port <= 65_535) return port
  throw new Error(`expected a port from 0 to 65535, got '${text}'`)
}

try {
  await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
