// The archive of a whole tenant as a tar file: `GET /tenants/{name}/archive` of the operator, and `GET /~acme/archive` of a caller with
// full authority, write it while it is read, and the operator's `POST` loads it into a tenant that has nothing. The file of a tenant is always the same, byte for byte.

import { type CallOf, isObject, ObjectError, parseJson } from 'digital-objects'
import { createTarDecoder, createTarPacker } from 'modern-tar'
import { parseAnswer } from 'objects.do'
import { discardRest, readForeignBytes } from '../base/body-bytes.ts'
import { tenantsOf } from '../tenants/tenant-directory.ts'
import { type ArchivedBytes, archivedFiles, type Asking, isFileMember, putArchivedFile } from './archived-files.ts'

/** A member of an archive is about a million characters, and one event more. */
const memberBytesMax = 16 * 2 ** 20

interface Page {
  readonly members: readonly { readonly name: string; readonly text: string }[]
  readonly next: string | null
}

/** Reads the first members before it answers, so that a tenant without data is refused. */
export async function archiveResponse(asking: Asking): Promise<Response> {
  const first = await pageAt(asking, '')
  const { readable, controller } = createTarPacker()
  void pack(asking, first, controller)
  return new Response(readable, {
    headers: {
      'content-type': 'application/x-tar',
      'content-disposition': `attachment; filename="${asking.caller.tenant}.tar"`,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    },
  })
}

async function pack(
  asking: Asking,
  first: Page,
  controller: ReturnType<typeof createTarPacker>['controller'],
): Promise<void> {
  try {
    for (let page = first; ; page = await pageAt(asking, page.next)) {
      for (const { name, text } of page.members) await add(controller, name, new TextEncoder().encode(text))
      if (page.next === null) break
    }
    for await (const { name, bytes } of archivedFiles(asking)) await add(controller, name, bytes)
    controller.finalize()
  } catch (error) {
    controller.error(error)
  }
}

async function add(
  controller: ReturnType<typeof createTarPacker>['controller'],
  name: string,
  bytes: Uint8Array,
): Promise<void> {
  const nobody = { uid: 0, gid: 0, uname: '', gname: '' }
  const header = { name, size: bytes.length, mtime: new Date(0), mode: 0o644, ...nobody }
  const writer = controller.add(header).getWriter()
  // Waits for the receiver.
  if (bytes.length > 0) await writer.write(bytes)
  await writer.close()
}

async function pageAt(asking: Asking, at: string | null): Promise<Page> {
  const body = await ask(asking, { kind: 'command', command: 'archive.read', parameters: { at: at ?? '' } })
  return body as unknown as Page // the tenant's object wrote it
}

/** Returns what was loaded. Throws an ObjectError for a file that is no archive, or ends early. */
export async function loadArchive(asking: Asking, request: Request): Promise<object> {
  const load = (name: string, text: string): Promise<object> =>
    ask(asking, { kind: 'command', command: 'archive.load', parameters: { name, text } })
  const body = readForeignBytes(request)
  let hasBegun = false
  try {
    for await (const { name, bytes } of membersOf(body)) {
      // Files are put beside the tenant's object, which has refused a tenant with data when it got the first member.
      if (hasBegun && isFileMember(name)) await putArchivedFile(asking, name, bytes)
      else await load(name, new TextDecoder().decode(bytes))
      hasBegun = true
    }
    return await load('', '')
  } catch (error) {
    await discardRest(body)
    throw error
  }
}

async function* membersOf(bytes: AsyncGenerator<Uint8Array>): AsyncGenerator<ArchivedBytes> {
  const source = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await bytes.next()
      if (done === true) controller.close()
      else controller.enqueue(value)
    },
  })
  // A file that was cut off between two members has no end, and may lack tables.
  const entries = source.pipeThrough(createTarDecoder({ strict: true }))
  const reader = entries.getReader()
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      const { header, body } = next.value
      if (header.size > memberBytesMax) throw invalid(`'${header.name.slice(0, 64)}' has ${header.size} bytes`)
      yield { name: header.name, bytes: new Uint8Array(await new Response(body).arrayBuffer()) }
    }
  } catch (error) {
    if (error instanceof ObjectError) throw error
    throw invalid(error instanceof Error ? error.message : String(error))
  } finally {
    reader.releaseLock()
  }
}

async function ask({ env, caller }: Asking, call: CallOf<'command'>): Promise<object> {
  const [text = ''] = await tenantsOf(env).ask({ caller, calls: [call] })
  const answer = parseAnswer(text)
  if (!answer.ok) throw new ObjectError(answer.error)
  const body = parseJson(answer.body, () => new Error('the tenant answered no JSON'))
  if (!isObject(body)) throw new Error('the tenant answered no object')
  return body
}

function invalid(message: string): ObjectError {
  return new ObjectError({
    code: 'invalid_body',
    field: 'archive',
    message: `the body is no archive of a tenant: ${message}`,
  })
}
