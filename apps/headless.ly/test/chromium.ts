// Chromium for tests of pages: the one of this machine, or that of a package, which runs on Linux without being installed.
// Playwright drives both.

import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium as playwright, type Page } from 'playwright-core'
import { findOnPath } from '../../../checks/engines.ts'

const cache = join(import.meta.dirname, '../../../node_modules/.cache/headlessly')
/** Flags besides those of Playwright. */
const flags = ['--no-sandbox', '--no-zygote']

/** Whether there is a browser; `test/report-skipped.ts` says so if there is none. */
export const hasChromium = installed() !== undefined || hasPackage()

export async function openChromium(): Promise<Browser> {
  const found = installed()
  const { executablePath, env } = found === undefined ? await unpacked() : { executablePath: found, env: {} }
  return playwright.launch({ executablePath, env: { ...process.env, ...env }, args: flags, headless: true })
}

/** Whether the browser of the package runs here. */
export const hasPackagedChromium = hasPackage()

/** The browser of the package with the fonts of the package alone, whose pictures are the same on every machine. */
export async function openPackagedChromium(): Promise<Browser> {
  const { executablePath, env, folder } = await unpacked()
  const own = join(folder, 'own-fonts.conf')
  if (!existsSync(own)) writeFileSync(own, fontsConfig(folder, [join(folder, 'fonts')]))
  const variables = { ...process.env, ...env, FONTCONFIG_FILE: own }
  return playwright.launch({
    executablePath,
    env: variables,
    args: [...flags, '--font-render-hinting=none'],
    headless: true,
  })
}

function fontsConfig(folder: string, fonts: readonly string[]): string {
  const folders = fonts.map((path) => `<dir>${path}</dir>`).join('')
  return `<?xml version="1.0"?><fontconfig>${folders}<cachedir>${join(folder, 'fonts-cache')}</cachedir></fontconfig>`
}

const timeoutMs = 30_000

/** Waits until an expression is true, also across pages. The page's policy does not let Playwright's own way evaluate a string. */
export async function waitUntil(page: Page, expression: string): Promise<void> {
  for (const endMs = Date.now() + timeoutMs; Date.now() < endMs;) {
    if ((await page.evaluate(expression).catch(() => false)) === true) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`${expression} did not become true at ${page.url()}: ${await page.innerText('body')}`)
}

function installed(): string | undefined {
  return findOnPath('chromium') ?? findOnPath('chromium-browser') ?? findOnPath('google-chrome')
}

function hasPackage(): boolean {
  return process.platform === 'linux' && process.arch === 'x64'
}

interface Unpacked {
  readonly folder: string
  readonly executablePath: string
  readonly env: Readonly<Record<string, string>>
}

/** Unpacks the browser of the package once per version, 197 MB. */
async function unpacked(): Promise<Unpacked> {
  const manifest = join(dirname(fileURLToPath(import.meta.resolve('@sparticuz/chromium'))), '../package.json')
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string }
  const folder = join(cache, `chromium-${version}`)
  if (!existsSync(folder)) await unpackInto(folder)
  return {
    folder,
    executablePath: join(folder, 'chromium'),
    // A bare system lacks some libraries, and fonts.
    env: { LD_LIBRARY_PATH: join(folder, 'al2023/lib'), FONTCONFIG_FILE: join(folder, 'system-fonts.conf') },
  }
}

/** The folder appears when it is whole, since other tests may unpack at the same time. */
async function unpackInto(folder: string): Promise<void> {
  mkdirSync(cache, { recursive: true })
  const staging = mkdtempSync(`${folder}-`)
  const { AWS_LAMBDA_JS_RUNTIME: runtime, TMPDIR: temporary } = process.env
  // The package unpacks into the second, and with the first also the libraries.
  Object.assign(process.env, { AWS_LAMBDA_JS_RUNTIME: 'nodejs22.x', TMPDIR: staging })
  try {
    const { default: packaged } = await import('@sparticuz/chromium')
    await packaged.executablePath()
  } finally {
    restore('AWS_LAMBDA_JS_RUNTIME', runtime)
    restore('TMPDIR', temporary)
  }
  const fonts = [join(folder, 'fonts'), '/usr/share/fonts']
  writeFileSync(join(staging, 'system-fonts.conf'), fontsConfig(folder, fonts))
  try {
    renameSync(staging, folder)
  } catch (error) {
    rmSync(staging, { recursive: true, force: true })
    if (!existsSync(folder)) throw error
  }
}

function restore(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name]
  else process.env[name] = value
}
