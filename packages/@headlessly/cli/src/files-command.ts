// `files`: sends files to the tenant, fetches their bytes, and lists them.

import { existsSync, openAsBlob } from 'node:fs'
import { basename } from 'node:path'
import type { Row } from './row.ts'
import type { Command, CommandCall } from './command.ts'
import { UsageError } from './usage-error.ts'

const listMax = 100

export const filesCommand: Command = {
  name: 'files',
  words: ['<put|get|list|link>', '[file or id]'],
  about: 'send a file, write the bytes of one to stdout, list files, or sign a link to one',
  example: 'files put logo.png --attach deal_x5fYHbEwRQTS',
  flags: [
    {
      name: 'attach',
      kind: 'value',
      placeholder: '<ids>',
      about: 'put: ids of entities, separated by commas, to which the file is attached',
      parse: (text) => text,
    },
  ],
  async run(call) {
    const { words } = call
    const [action, of] = words
    switch (action) {
      case 'put':
        return put(call, needed(of, 'put', '<file>'))
      case 'get':
        return get(call, needed(of, 'get', '<id>'))
      case 'link':
        return link(call, needed(of, 'link', '<id>'))
      case 'list':
        return list(call)
      default:
        throw new UsageError(`files expects put, get, list or link, got '${action ?? ''}'`, 'files')
    }
  },
}

function needed(word: string | undefined, action: string, name: string): string {
  if (word === undefined) throw new UsageError(`files ${action} expects ${name}`, 'files')
  return word
}

async function put({ client, output, flags, signal }: CommandCall, file: string): Promise<number> {
  if (!existsSync(file)) throw new UsageError(`file not found: '${file}'`, 'files')
  const attachedTo = flags.text('attach')?.split(',')
  const asset = await client().files.upload(await openAsBlob(file), {
    filename: basename(file),
    signal,
    onProgress: (bytes) => output.progress(`${bytes} bytes sent`),
    ...(attachedTo === undefined ? {} : { attachedTo }),
  })
  if (output.isJson) output.json(asset)
  else output.line(`${asset.$id} ${asset.url}`)
  return 0
}

async function get({ client, output, signal }: CommandCall, id: string): Promise<number> {
  if (output.isTerminal) throw new UsageError('a file is no text: redirect it, as in > logo.png', 'files')
  for await (const chunk of client().files.download(id, { signal })) await output.chunk(chunk)
  return 0
}

async function link({ client, output, signal }: CommandCall, id: string): Promise<number> {
  const made = await client().files.link(id, { signal })
  if (output.isJson) output.json(made)
  else output.line(made.url)
  return 0
}

async function list({ client, output, signal }: CommandCall): Promise<number> {
  const page = await client().Asset.find({ file: { $exists: true } }, { limit: listMax, sort: '-$createdAt', signal })
  const rows = page.map(({ $id, filename, mimeType, size }): Row => ({ $id, filename, mimeType, size }))
  output.rows(rows, ['$id', 'filename', 'mimeType', 'size'])
  return 0
}
