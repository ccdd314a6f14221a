// S3's XML responses: errors, and documents of nested elements.

export type S3ErrorCode = keyof typeof statuses

/** `{ name: 'Key', content: 'acme/x' }`. A list as content is nested elements. */
export interface XmlElement {
  readonly name: string
  readonly content: string | readonly XmlElement[]
}

const statuses = {
  AccessDenied: 403,
  AuthorizationHeaderMalformed: 400,
  AuthorizationQueryParametersError: 400,
  InvalidAccessKeyId: 403,
  InvalidArgument: 400,
  InvalidRange: 416,
  MethodNotAllowed: 405,
  NoSuchBucket: 404,
  NoSuchKey: 404,
  NotImplemented: 501,
  RequestTimeTooSkewed: 403,
  SignatureDoesNotMatch: 403,
  SlowDown: 503,
} as const

const namespace = 'http://s3.amazonaws.com/doc/2006-03-01/'

/** A HEAD gets the status without a body. */
export function s3ErrorResponse(options: {
  readonly code: S3ErrorCode
  readonly message: string
  readonly request: Request
  readonly headers?: Readonly<Record<string, string>>
}): Response {
  const { code, message, request, headers } = options
  const content = [
    { name: 'Code', content: code },
    { name: 'Message', content: message },
    { name: 'Resource', content: new URL(request.url).pathname.slice(0, 1024) },
  ]
  const text = xmlDocument('<Error>', { name: 'Error', content })
  return new Response(request.method === 'HEAD' ? null : text, {
    status: statuses[code],
    headers: { 'content-type': 'application/xml', ...headers },
  })
}

export function s3XmlResponse(root: XmlElement): Response {
  const text = xmlDocument(`<${root.name} xmlns="${namespace}">`, root)
  return new Response(text, { headers: { 'content-type': 'application/xml' } })
}

function xmlDocument(opening: string, root: XmlElement): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${opening}${formatContent(root.content)}</${root.name}>`
}

function formatContent(content: XmlElement['content']): string {
  if (typeof content === 'string') return escapeXml(content)
  return content.map(({ name, content }) => `<${name}>${formatContent(content)}</${name}>`).join('')
}

const entities = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
])

/** Replaces characters that XML cannot contain by U+FFFD. */
function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[&<>"]/g, (character) => entities.get(character) ?? character)
    .replaceAll(/[^\t\n\r\u0020-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
}
