// Every block of every page runs against the server that ships, or says why it does not. TypeScript runs in
// `examples.blackbox.test.ts` of the SDK, SQL in `lake-readers.blackbox.test.ts`.

import { spawn, spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { isAbridged, matchesText, parseAbridged } from '../../../test/abridged-json.ts'
import { listPages, type MarkdownBlock, readMarkdownBlocks } from '../../../test/markdown-blocks.ts'
import { type BlockRun, ownWords, type PageRun, runPage } from './run-page.ts'
import { useServer } from './server.ts'

const { url, dataFolder, call } = useServer()
const hasCurl = spawnSync('curl', ['--version']).status === 0
const pages = listPages().map((page) => ({ page, blocks: readMarkdownBlocks(page) }))
const all = pages.flatMap(({ blocks }) => blocks)
const isRun = ({ language, info }: MarkdownBlock): boolean => language === 'sh' && info === ''
const runs = pages.filter(({ blocks }) => blocks.some(isRun))

/** The kinds of blocks, of which a test runs or reads each. */
const known = ['sh', 'sh listens', 'json', 'json answer', 'text', 'text output', 'sql', 'ts']

/** The number of blocks that no test can run, by page. A new one has to be added here. */
const notRun: Readonly<Record<string, number>> = {
  'CONTRIBUTING.md': 2,
  'README.md': 3,
  'docs/access.md': 3,
  'docs/backup.md': 4,
  'docs/cloudflare.md': 1,
  'docs/events-in.md': 2,
  'docs/events-out.md': 1,
  'docs/files.md': 1,
  'docs/lake.md': 4,
  'docs/operations.md': 5,
  'docs/payments.md': 2,
  'docs/people.md': 1,
  'docs/quickstart.md': 2,
  'docs/rest.md': 1,
  'docs/trials.md': 2,
  'examples/a-year-of-business/README.md': 1,
  'examples/crm-sales-opportunities/README.md': 1,
}

describe('blocks', () => {
  test('are of a kind that a test knows, or say why they are not run', () => {
    const kindOf = ({ language, info }: MarkdownBlock): string => `${language} ${info}`.trim()
    const others = all.filter((block) => !known.includes(kindOf(block)))
    for (const { place, info } of others) expect(info, place).toMatch(/^no-run \S+ \S+/)
    const counts = Map.groupBy(others, ({ page }) => page)
    expect(Object.fromEntries([...counts].map(([page, { length }]) => [page, length]))).toEqual(notRun)
  })

  test('of JSON are JSON', () => {
    const wrong = all.filter(({ language, text }) => language === 'json' && parseAbridged(text) === undefined)
    expect(wrong.map(({ place }) => place)).toEqual([])
  })

  test('with an answer follow the block that prints it', () => {
    const lost = pages.flatMap(({ blocks }) =>
      blocks.filter(({ info }, at) => {
        const before = blocks[at - 1]
        return /^(answer|output)$/.test(info) && (before === undefined || !isRun(before))
      }),
    )
    expect(lost.map(({ place }) => place)).toEqual([])
  })
})

describe.skipIf(!hasCurl)('shell blocks', () => {
  test.concurrent.each(runs)('of $page run in order, and print what the page shows', async ({ page, blocks }) => {
    const shell = blocks.filter(isRun)
    const results = await runPage(runOf(page, shell))
    for (const [at, block] of shell.entries()) {
      const result = results[at]
      if (result !== undefined) check(block, { result, shown: blocks[blocks.indexOf(block) + 1] })
    }
  })

  const listening = all.filter(({ language, info }) => language === 'sh' && info === 'listens')

  test('that listen are on a page', () => expect(listening.length).toBeGreaterThan(0))

  test.concurrent.each(listening)('at $place receive an event', async (block) => {
    const run = runOf(`${block.page} listens`, [block])
    const command = ownWords(run, block.text)
    const [, slug = ''] = /\/~([\w-]+)/.exec(command) ?? []
    const listener = spawn('bash', ['-c', `curl() { exec curl --silent --show-error --include "$@"; }\n${command}`])
    try {
      let text = ''
      for await (const part of listener.stdout.setEncoding('utf8')) {
        const isStart = !text.includes('\r\n\r\n')
        text += String(part)
        if (isStart && text.includes('\r\n\r\n')) await call('POST', `/~${slug}/Deal`, { name: 'Engine', value: 1 })
        if (/^data: .*"(?:Deal\.Created|Changes)"/m.test(text)) break
      }
      expect(text).toMatch(/^HTTP\/1\.1 200 [^]*^data: .*"(?:Deal\.Created|Changes)"/m)
    } finally {
      listener.kill()
    }
  })
})

function runOf(page: string, blocks: readonly MarkdownBlock[]): PageRun {
  const suffix = `-${page.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`.slice(0, 40).replace(/-$/, '')
  return { blocks, url: url(), dataFolder, suffix }
}

/** `shown`: the block after it, which may show what it prints. */
function check(
  { place }: MarkdownBlock,
  { result, shown }: { readonly result: BlockRun; readonly shown: MarkdownBlock | undefined },
): void {
  const { exitCode, stderr, stdout, statuses } = result
  expect({ exitCode, stderr, stdout }, place).toMatchObject({ exitCode: 0 })
  const answer = shown?.info === 'answer' ? parseAbridged(shown.text) : undefined
  const isRefusal = typeof answer === 'object' && answer !== null && Number(Reflect.get(answer, 'status')) >= 400
  if (!isRefusal) expect(statuses.filter((status) => status >= 400).length, `${place} prints ${stdout}`).toBe(0)
  if (answer !== undefined) {
    const printed: unknown = parseAbridged(stdout)
    expect(isAbridged(answer, printed), `${shown?.place} shows an answer, and it is ${stdout}`).toBe(true)
  }
  if (shown?.info === 'output')
    expect(matchesText(shown.text, stdout), `${shown.place} shows output, and it is\n${stdout}`).toBe(true)
}
