// The HTTP interface on the server that ships.

import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { testHttpCommits } from './http-commits.suite.ts'
import { testHttpDetails } from './http-details.suite.ts'
import { testHttpErrors } from './http-errors.suite.ts'
import { testHttp } from './http.suite.ts'
import { useSharedServer } from './server.ts'

const server = useSharedServer()
testHttp(server)
testHttpErrors(server)
testHttpDetails(server)
testHttpCommits(server)

// Under `wrangler dev` and on Cloudflare another program parses HTTP, before the Worker.
test('a body that ends early, or whose chunks are malformed, is a bad request', async () => {
  const { host, hostname, port } = new URL(server.url())
  const answerTo = async (header: string, body: string): Promise<string> => {
    const socket = connect(Number(port), hostname)
    const head = `POST /~${server.tenant()}/Contact HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n`
    socket.end(`${head}Content-Type: application/json\r\n${header}\r\n\r\n${body}`)
    const [answer] = (await once(socket, 'data')) as [Buffer]
    socket.destroy()
    return answer.toString().slice(0, 12)
  }
  expect(await answerTo('Content-Length: 500', '{"name":"a"}')).toBe('HTTP/1.1 400')
  expect(await answerTo('Transfer-Encoding: chunked', 'ZZ\r\n{}\r\n0\r\n\r\n')).toBe('HTTP/1.1 400')
})
