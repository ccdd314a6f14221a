// The name of a browser and its system, from the `User-Agent` with which it signed in, as a person knows them. Most browsers name those
// that they resemble too, so the order decides.

const browsers = [
  ['Edge', /\bEdgA?\//],
  ['Opera', /\bOPR\//],
  ['Samsung Internet', /\bSamsungBrowser\//],
  ['Firefox', /\b(?:Firefox|FxiOS)\//],
  ['Chrome', /(?:\b|Headless)(?:Chrome|CriOS)\//],
  ['Safari', /\bSafari\//],
] as const

const systems = [
  ['iPhone', /\biPhone\b/],
  ['iPad', /\biPad\b/],
  ['Android', /\bAndroid\b/],
  ['Windows', /\bWindows\b/],
  ['macOS', /\bMac OS X\b/],
  ['ChromeOS', /\bCrOS\b/],
  ['Linux', /\bLinux\b/],
] as const

/** A program that names itself otherwise keeps its name. */
export function browserName(agent: string): string {
  const [browser, system] = [nameOf(browsers, agent), nameOf(systems, agent)]
  if (browser === undefined) return agent
  return system === undefined ? browser : `${browser} on ${system}`
}

function nameOf(all: readonly (readonly [string, RegExp])[], agent: string): string | undefined {
  return all.find(([, pattern]) => pattern.test(agent))?.[0]
}
