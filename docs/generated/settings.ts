// The tables of settings: options of the server, settings of the flush, and bindings of the Worker.

import { type Binding, bindings } from '../../apps/headless.ly/src/base/bindings.ts'
import { type ServeOption, serveOptions } from '../../apps/headless.ly/src/embedded/serve-options.ts'
import { flushSettingRules } from '../../packages/@dotdo/do/src/flush/flush-settings.ts'
import { markdownTable } from './markdown-table.ts'

const numbers = new Intl.NumberFormat('en-US')

export function serverOptions(): string {
  const rows = serveOptions.map(({ name, value, variable, fallback, about }: ServeOption) => [
    value === undefined ? `\`--${name}\`` : `\`--${name} ${value}\``,
    variable === undefined ? '' : `\`${variable}\``,
    fallback === undefined ? '' : `\`${fallback}\``,
    about,
  ])
  return markdownTable(['option', 'environment variable', 'default', 'is'], rows)
}

export function flushSettings(): string {
  const rows = Object.entries(flushSettingRules).map(([name, { about, fallback, min, max }]) => [
    `\`${name}\``,
    numbers.format(fallback),
    `${numbers.format(min)} to ${numbers.format(max)}`,
    about,
  ])
  return markdownTable(['setting', 'default', 'range', 'is'], rows)
}

const kinds: Readonly<Record<Binding['kind'], string>> = {
  objects: 'Durable Object namespace',
  registry: 'Durable Object namespace',
  directory: 'Durable Object namespace',
  hasher: 'Durable Object namespace',
  bucket: 'R2 bucket',
  kv: 'KV namespace',
  service: 'service',
  assets: 'static files',
  loader: 'Worker Loader',
  ai: 'Workers AI',
  network: 'network',
  version: 'version metadata',
  setting: 'variable',
  secret: 'secret',
}

/** What `wrangler.jsonc` declares. */
export function cloudflareBindings(): string {
  const rows = Object.entries<Binding>(bindings)
    .filter(([, { on }]) => on !== 'embedded')
    .map(([name, { kind, isRequired, about }]) => [`\`${name}\``, kinds[kind], isRequired ? 'yes' : '', about])
  return markdownTable(['binding', 'kind', 'required', 'is'], rows)
}
