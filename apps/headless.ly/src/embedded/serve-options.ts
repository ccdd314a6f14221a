// The options of the server on the command line and their environment variables, as data for parsing, help and pages.

import { parseArgs } from 'node:util'

export interface ServeOption {
  readonly name: string
  /** The placeholder for the value; absent for a switch. */
  readonly value?: string
  readonly variable?: string
  readonly fallback?: string
  readonly about: string
}

export const serveOptions = [
  { name: 'port', value: '<number>', variable: 'PORT', fallback: '8787', about: 'port on this machine' },
  {
    name: 'host',
    value: '<address>',
    variable: 'HEADLESSLY_HOST',
    fallback: '127.0.0.1',
    about: 'IP address to listen on; any but loopback requires a sign-in',
  },
  { name: 'require-sign-in', about: 'refuse calls without a key or a signed-in person, as behind a proxy' },
  { name: 'owner-link', about: 'print a link that signs in the owner, who has lost every other way' },
  {
    name: 'data',
    value: '<folder>',
    variable: 'HEADLESSLY_DATA',
    fallback: '.headlessly',
    about: 'where the data is',
  },
  {
    name: 'lake-bucket',
    value: '<url>',
    variable: 'LAKE_BUCKET_URL',
    about:
      'bucket for the files in place of the data folder, such as https://s3.eu-west-1.amazonaws.com/my-bucket/lake; keys in AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, region in AWS_REGION',
  },
  {
    name: 'flush',
    value: '<json>',
    variable: 'HEADLESSLY_FLUSH',
    about: 'how files are written, such as {"intervalMs":1000}',
  },
  {
    name: 'allowed-hosts',
    value: '<names>',
    variable: 'ALLOWED_HOSTS',
    about: 'host names besides localhost, separated by commas, for a proxy in front',
  },
  {
    name: 'sign-in-provider',
    value: '<file>',
    variable: 'SIGN_IN_PROVIDER_FILE',
    about: 'JSON of an OpenID provider with which people sign in: name, issuer, clientId, clientSecret',
  },
  {
    name: 'mail',
    value: '<file>',
    variable: 'MAIL_FILE',
    about: 'JSON of the mail of the server itself, for invitations and recovery: server, from, password',
  },
  {
    name: 'trials',
    value: '<who>',
    variable: 'TRIALS',
    fallback: 'off',
    about: 'who may keep the tenant that callers without a key get for a day: off (nobody gets one), members or open',
  },
  {
    name: 'demo-tenant',
    value: '<name>',
    variable: 'DEMO_TENANT',
    about: 'tenant whose data callers without a key may read, on a server with trials',
  },
  {
    name: 'ci-issuers',
    value: '<file>',
    variable: 'CI_ISSUERS_FILE',
    about: 'JSON list of issuers whose CI jobs may claim trials: issuer, and the claims that a token must have',
  },
  {
    name: 'trusted-proxies',
    value: '<addresses>',
    variable: 'TRUSTED_PROXIES',
    about: 'addresses of proxies whose X-Forwarded-For counts, separated by commas',
  },
  {
    name: 'public-url',
    value: '<url>',
    variable: 'PUBLIC_URL',
    about: 'address at which clients reach the proxy, the base of $context',
  },
  {
    name: 'rate-limit',
    value: '<number>',
    variable: 'RATE_LIMIT',
    about: 'requests per minute of a key without full authority, 0 for none; 1000 where a sign-in is required',
  },
  {
    name: 'stripe-server',
    value: '<url>',
    variable: 'STRIPE_SERVER',
    about: 'base address at which Stripe is reached, for tests',
  },
  {
    name: 'mail-networks',
    value: '<networks>',
    variable: 'MAIL_NETWORKS',
    about: 'networks in which mail servers may be besides the public internet: private, local, or ranges',
  },
  {
    name: 'mail-authority',
    value: '<file>',
    variable: 'MAIL_AUTHORITY',
    about: 'certificates in PEM that mail servers may be signed by, besides those of browsers',
  },
  {
    name: 'import-folder',
    value: '<folder>',
    variable: 'IMPORT_FOLDER',
    about: 'a folder of this machine from which those who may do everything in a tenant import files; none without it',
  },
  {
    name: 'outside-networks',
    value: '<networks>',
    variable: 'OUTSIDE_NETWORKS',
    about: 'networks besides the public internet to which tenants may send requests: private, local, or ranges',
  },
  {
    name: 'outside-authority',
    value: '<file>',
    variable: 'OUTSIDE_AUTHORITY',
    about: 'certificates in PEM that the servers there may be signed by, besides those of browsers',
  },
  { name: 'stop-with-parent', about: 'stop when the process that started the server has ended' },
  { name: 'verbose', about: 'print what workerd prints' },
  { name: 'help', about: 'print this' },
] as const satisfies readonly ServeOption[]

export type ServeOptionName = (typeof serveOptions)[number]['name']

export interface ServeValues {
  isOn(name: ServeOptionName): boolean
  /** The value as given, else from the option's variable, else its fallback. */
  text(name: ServeOptionName): string | undefined
  /** Whether the value was given on the command line. */
  isGiven(name: ServeOptionName): boolean
}

/** Throws for an option that does not exist. */
export function parseServeOptions(
  environment: Readonly<Record<string, string | undefined>>,
  args: readonly string[],
): ServeValues {
  const types = serveOptions.map(({ name, value }: ServeOption): [string, { type: 'string' | 'boolean' }] => [
    name,
    { type: value === undefined ? 'boolean' : 'string' },
  ])
  const { values } = parseArgs({ args: [...args], options: Object.fromEntries(types) })
  const given = new Map<string, unknown>(Object.entries(values))
  return {
    isGiven: (name) => given.has(name),
    isOn: (name) => given.get(name) === true,
    text: (name) => {
      const text = given.get(name)
      if (typeof text === 'string') return text
      const option: ServeOption | undefined = serveOptions.find((one) => one.name === name)
      const variable = option?.variable === undefined ? undefined : environment[option.variable]
      return variable === undefined || variable === '' ? option?.fallback : variable
    },
  }
}

export function serveUsage(): string {
  const rows = serveOptions.map((option: ServeOption) => {
    const { name, value, variable, fallback, about } = option
    const origins = [variable, fallback].filter((part) => part !== undefined).join(', or ')
    return [value === undefined ? `--${name}` : `--${name} ${value}`, origins === '' ? about : `${about} (${origins})`]
  })
  const width = Math.max(...rows.map(([head = '']) => head.length))
  return rows.map(([head = '', text = '']) => `  ${head.padEnd(width)}  ${text}`).join('\n')
}
