// A mail as text (RFC 5322): headers in ASCII, and a plain text body in base64, which needs no dot stuffing.

import type { MailAddress } from 'digital-objects'

export interface Mail {
  readonly from: MailAddress
  readonly to: MailAddress
  /** The part of the Message-ID before the @. The same mail has the same one each time it is sent. */
  readonly id: string
  readonly subject: string
  readonly text: string
  readonly sentAtMs: number
}

const lineMax = 76
/** Bytes of an encoded word, whose base64 then fits into a line. */
const wordBytesMax = 42

export function messageIdOf({ id, from }: Pick<Mail, 'id' | 'from'>): string {
  return `<${id}@${from.address.slice(from.address.lastIndexOf('@') + 1)}>`
}

/** Returns lines that end with CRLF. Line breaks in names and subjects become spaces, so that no header can be added. */
export function composeMail(mail: Mail): string {
  const lines = [
    `From: ${addressText(mail.from)}`,
    `To: ${addressText(mail.to)}`,
    `Subject: ${headerText(mail.subject)}`,
    `Date: ${new Date(mail.sentAtMs).toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: ${messageIdOf(mail)}`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    '',
    ...wrapped(base64(new TextEncoder().encode(mail.text.replaceAll(/\r\n|\r|\n/g, '\r\n')))),
  ]
  return `${lines.join('\r\n')}\r\n`
}

/** The address as a header has it: ASCII in one line. */
export function addressText({ name, address }: MailAddress): string {
  if (name === '') return `<${address}>`
  const shown = /^[A-Za-z0-9 ]+$/.test(name) && name.length < lineMax ? name : headerText(name, { isEncoded: true })
  return `${shown} <${address}>`
}

function headerText(text: string, { isEncoded = false } = {}): string {
  const line = text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim()
  const isPlain = /^[ -~]*$/.test(line) && line.length < lineMax && !line.includes('=?')
  if (isPlain && !isEncoded) return line
  return encodedWords(line).join('\r\n ')
}

/** RFC 2047. A word ends between two characters, never inside one. */
function encodedWords(text: string): readonly string[] {
  const words: string[] = []
  let part: number[] = []
  for (const character of text) {
    const bytes = [...new TextEncoder().encode(character)]
    if (part.length + bytes.length > wordBytesMax) {
      words.push(toWord(part))
      part = []
    }
    part.push(...bytes)
  }
  return [...words, toWord(part)]
}

function toWord(bytes: readonly number[]): string {
  return `=?UTF-8?B?${base64(Uint8Array.from(bytes))}?=`
}

function wrapped(text: string): readonly string[] {
  const lines: string[] = []
  for (let at = 0; at < text.length; at += lineMax) lines.push(text.slice(at, at + lineMax))
  return lines
}

function base64(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}
