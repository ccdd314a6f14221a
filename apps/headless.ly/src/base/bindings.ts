// Every binding of the Worker, listed once: the type of its environment and the embedded server's configuration are
// made from this list, and a test holds `wrangler.jsonc` to it.

interface AnyBinding {
  /** The platforms that have it. The embedded server replaces Cloudflare's products by its own services. */
  readonly on: 'both' | 'cloudflare' | 'embedded'
  /** A binding that is not required may be absent: what needs it then answers `not_configured`, and the rest works. */
  readonly isRequired: boolean
  readonly about: string
}

export type Binding = AnyBinding &
  (
    | { readonly kind: 'objects'; readonly className: string }
    | { readonly kind: 'registry'; readonly className: string }
    | { readonly kind: 'directory'; readonly className: string }
    | { readonly kind: 'hasher'; readonly className: string }
    | { readonly kind: 'bucket' }
    /** A KV namespace; in the embedded server, a service by its name in workerd's configuration. */
    | { readonly kind: 'kv'; readonly service: string }
    /** A service of the embedded server, by its name in workerd's configuration. */
    | { readonly kind: 'service'; readonly service: string }
    /** A network of the embedded server, by the name of its service. */
    | { readonly kind: 'network'; readonly service: string }
    /** Static files; in the embedded server, a disk service by its name in workerd's configuration. */
    | { readonly kind: 'assets'; readonly service: string }
    | { readonly kind: 'loader' }
    | { readonly kind: 'ai' }
    | { readonly kind: 'version' }
    | { readonly kind: 'setting' }
    | { readonly kind: 'secret' }
  )

export const bindings = {
  TENANTS: {
    kind: 'objects',
    className: 'TenantObject',
    on: 'both',
    isRequired: true,
    about: 'The Durable Objects, one for each tenant.',
  },
  REGISTRY: {
    kind: 'registry',
    className: 'RegistryObject',
    on: 'both',
    isRequired: true,
    about: 'The Durable Object that holds the names of the tenants.',
  },
  DIRECTORY: {
    kind: 'directory',
    className: 'DirectoryObject',
    on: 'both',
    isRequired: false,
    about: 'The Durable Object that holds the people of the server, and their sign-in sessions.',
  },
  HASHER: {
    kind: 'hasher',
    className: 'HasherObject',
    on: 'both',
    isRequired: false,
    about: 'The Durable Object that hashes passwords, one at a time, where no launcher does.',
  },
  HASHES: {
    kind: 'service',
    service: 'hashes',
    on: 'embedded',
    isRequired: false,
    about: 'The launcher, which hashes passwords on a thread of its own.',
  },
  THUMBNAILS: {
    kind: 'service',
    service: 'thumbnails',
    on: 'embedded',
    isRequired: false,
    about: 'The launcher, which makes thumbnails of images in a process of its own.',
  },
  LAKE: { kind: 'bucket', on: 'cloudflare', isRequired: false, about: 'The bucket that holds the files of the lake.' },
  LAKE_DISK: {
    kind: 'service',
    service: 'lake',
    on: 'embedded',
    isRequired: false,
    about: 'The folder that holds the files of the lake.',
  },
  LAKE_BUCKET: {
    kind: 'secret',
    on: 'embedded',
    isRequired: false,
    about:
      'The bucket that holds the files of the lake in place of the folder, as JSON: `endpoint`, `bucket`, `prefix`, `region`, `accessKeyId`, `secretAccessKey`, `sessionToken`.',
  },
  LAKE_NETWORK: {
    kind: 'network',
    service: 'bucket',
    on: 'embedded',
    isRequired: false,
    about: 'The network in which the bucket of the lake is.',
  },
  LAKE_SYNC: {
    kind: 'service',
    service: 'launcher',
    on: 'embedded',
    isRequired: false,
    about: 'The launcher, which makes the files of the lake durable.',
  },
  IMPORTS_DISK: {
    kind: 'service',
    service: 'imports',
    on: 'embedded',
    isRequired: false,
    about: 'The folder of the server from which owners import files, if the operator has named one.',
  },
  OBJECTS_DISK: {
    kind: 'service',
    service: 'objects',
    on: 'embedded',
    isRequired: false,
    about: 'The folder that holds the databases of the Durable Objects.',
  },
  CONSOLE: {
    kind: 'assets',
    service: 'console',
    on: 'both',
    isRequired: false,
    about: 'The scripts and styles of the console.',
  },
  READ_KV: {
    kind: 'kv',
    service: 'kv',
    on: 'both',
    isRequired: false,
    about: 'The KV namespace that holds answers and footers of files.',
  },
  LOADER: {
    kind: 'loader',
    on: 'cloudflare',
    isRequired: false,
    about: 'The Worker Loader, which runs the code of `do`.',
  },
  SANDBOX_A: {
    kind: 'service',
    service: 'sandbox-a',
    on: 'embedded',
    isRequired: false,
    about: 'The first of two processes that run the code of `do`.',
  },
  SANDBOX_B: {
    kind: 'service',
    service: 'sandbox-b',
    on: 'embedded',
    isRequired: false,
    about: 'The second of two processes that run the code of `do`.',
  },
  SANDBOX_LAUNCHER: {
    kind: 'service',
    service: 'sandbox-launcher',
    on: 'embedded',
    isRequired: false,
    about: 'The launcher, which starts and ends the processes that run the code of `do`.',
  },
  MAIL_NETWORK: {
    kind: 'network',
    service: 'mail',
    on: 'embedded',
    isRequired: false,
    about: 'The networks in which mail servers may be.',
  },
  OUTSIDE_NETWORK: {
    kind: 'network',
    service: 'outside',
    on: 'embedded',
    isRequired: false,
    about: 'The networks to which tenants may send requests.',
  },
  AI: {
    kind: 'ai',
    on: 'cloudflare',
    isRequired: false,
    about: 'Workers AI, the models of agents whose tenant has set `workers-ai`.',
  },
  STRIPE_SERVER: {
    kind: 'setting',
    on: 'both',
    isRequired: false,
    about: 'The base address at which Stripe is reached, for tests; by default `https://api.stripe.com`.',
  },
  VERSION: { kind: 'version', on: 'cloudflare', isRequired: false, about: 'The id of the deployment.' },
  LAKE_SECRET: {
    kind: 'secret',
    on: 'both',
    isRequired: false,
    about: 'The secret that the keys to the lake are derived from.',
  },
  LAKE_TOKEN_SECONDS: {
    kind: 'setting',
    on: 'both',
    isRequired: false,
    about: "For how many seconds a token of the lake's catalog is valid, from 10 to 86400; by default 3600.",
  },
  REQUIRE_SIGN_IN: {
    kind: 'setting',
    on: 'both',
    isRequired: false,
    about:
      'Set to `true`, a call needs a key or a signed-in person; otherwise a call without either may do everything.',
  },
  OPERATOR_KEY: {
    kind: 'secret',
    on: 'both',
    isRequired: false,
    about:
      'The key of the operator on a server that requires a sign-in: `hly_op_` and 43 letters and digits. It opens the routes of the server, and no tenant.',
  },
  OWNER_LINK: {
    kind: 'secret',
    on: 'both',
    isRequired: false,
    about:
      "The operator's link: `claim` or `recover`, the SHA-256 of its code, and its end in ms, separated by spaces.",
  },
  SECRETS_KEYS: {
    kind: 'secret',
    on: 'both',
    isRequired: false,
    about:
      'The keys of the secret store, as `1:base64` of 32 bytes each, separated by commas; the highest number encrypts.',
  },
  SIGN_IN_PROVIDER: {
    kind: 'secret',
    on: 'both',
    isRequired: false,
    about: 'A provider of accounts with which people sign in, as JSON: `name`, `issuer`, `clientId`, `clientSecret`.',
  },
  MAIL: {
    kind: 'secret',
    on: 'both',
    isRequired: false,
    about:
      'The mail of the server itself, for invitations and recovery, as JSON: `server`, such as `smtps://user@host` or the `https` address of an API, `from`, `password`.',
  },
  TRIALS: {
    kind: 'setting',
    on: 'both',
    isRequired: false,
    about:
      'Whether callers without a key get a tenant for a day, and who may make it permanent: `off`, `members` (people with an account, and CI jobs) or `open` (everybody).',
  },
  DEMO_TENANT: {
    kind: 'setting',
    on: 'both',
    isRequired: false,
    about: 'The tenant whose data callers without a key read at `/~try`, if the server has trials.',
  },
  CI_ISSUERS: {
    kind: 'setting',
    on: 'both',
    isRequired: false,
    about:
      'Issuers whose CI jobs may claim trials, as a JSON list of objects with `issuer` and the `claims` that a token must have.',
  },
  TRUSTED_PROXIES: {
    kind: 'setting',
    on: 'embedded',
    isRequired: false,
    about: 'Addresses of proxies whose `X-Forwarded-For` names the sender of a request, separated by commas.',
  },
  FLUSH_SETTINGS: {
    kind: 'setting',
    on: 'both',
    isRequired: false,
    about: 'How tenants are flushed, as JSON, where that differs from the default: `{"intervalMs":1000}`.',
  },
  OPEN_OBJECTS_MAX: {
    kind: 'setting',
    on: 'embedded',
    isRequired: false,
    about: 'How many objects may be open at a time; the launcher derives it from the limit of file descriptors.',
  },
  PUBLIC_URL: {
    kind: 'setting',
    on: 'both',
    isRequired: false,
    about:
      'The address at which clients reach this server, the base of `$context`; by default the address of the request.',
  },
  RATE_LIMIT: {
    kind: 'setting',
    on: 'both',
    isRequired: false,
    about:
      'Requests per minute of a key or session without full authority, 0 for no limit; by default 1000 with `REQUIRE_SIGN_IN`, and none without.',
  },
  ALLOWED_HOSTS: {
    kind: 'setting',
    on: 'both',
    isRequired: false,
    about: 'Host names allowed besides those of the local machine, separated by commas.',
  },
} as const satisfies Readonly<Record<string, Binding>>

export type BindingName = keyof typeof bindings

/** Bindings whose value is a string that the operator sets. */
export type VariableName = {
  [Name in BindingName]: (typeof bindings)[Name]['kind'] extends 'setting' | 'secret' ? Name : never
}[BindingName]

/** Identifies the stored object, so it never changes. */
export const hasherKey = 'headless.ly-hasher'
/** Identifies the stored object, so it never changes. */
export const directoryKey = 'headless.ly-directory'
/** Identifies the tenants' stored objects in the embedded server and names their folder, so it never changes. */
export const tenantsKey = 'headless.ly-tenants'
