// Images that tests make.

import encodeJpeg, { init as initJpeg } from '@jsquash/jpeg/encode.js'
import encodeWebp, { init as initWebp } from '@jsquash/webp/encode.js'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { crc32, deflateSync } from 'node:zlib'

type Bytes = Uint8Array<ArrayBuffer>

export interface Painted {
  readonly width: number
  readonly height: number
  readonly colorAt: (x: number, y: number) => readonly [red: number, green: number, blue: number, alpha: number]
}

interface Options {
  /** The size that the header says, in place of the true one. */
  readonly claims?: { readonly width: number; readonly height: number }
}

export function pngOf(painted: Painted, { claims = painted }: Options = {}): Promise<Bytes> {
  const { data, width, height } = paint(painted)
  const header = Buffer.alloc(13)
  header.writeUInt32BE(claims.width, 0)
  header.writeUInt32BE(claims.height, 4)
  header.set([8, 6], 8)
  const rows = Array.from({ length: height }, (_, y) => [
    Buffer.of(0),
    new Uint8Array(data.buffer, y * width * 4, width * 4),
  ])
  const chunks = [
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(rows.flat()))),
    chunk('IEND', Buffer.alloc(0)),
  ]
  return Promise.resolve(new Uint8Array(Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...chunks])))
}

export async function jpegOf(painted: Painted, { claims }: Options = {}): Promise<Bytes> {
  await initJpeg({ wasmBinary: moduleOf('@jsquash/jpeg/encode.js', 'codec/enc/mozjpeg_enc.wasm') })
  const bytes = new Uint8Array(await encodeJpeg(paint(painted), { quality: 90 }))
  if (claims === undefined) return bytes
  const frame = bytes.findIndex((byte, at) => byte === 0xff && [0xc0, 0xc2].includes(bytes[at + 1] ?? 0))
  const view = new DataView(bytes.buffer)
  view.setUint16(frame + 5, claims.height)
  view.setUint16(frame + 7, claims.width)
  return bytes
}

export async function webpOf(painted: Painted, { claims }: Options = {}): Promise<Bytes> {
  await initWebp({ wasmBinary: moduleOf('@jsquash/webp/encode.js', 'codec/enc/webp_enc_simd.wasm') })
  const bytes = new Uint8Array(await encodeWebp(paint(painted), { quality: 90 }))
  if (claims === undefined) return bytes
  const view = new DataView(bytes.buffer)
  view.setUint16(26, claims.width, true)
  view.setUint16(28, claims.height, true)
  return bytes
}

/** Adds an Exif segment that says how the camera was turned. */
export function withOrientation(jpeg: Bytes, orientation: number): Bytes {
  const tiff = Buffer.alloc(26)
  tiff.write('II*\0', 0, 'latin1')
  tiff.writeUInt32LE(8, 4)
  tiff.writeUInt16LE(1, 8)
  tiff.writeUInt16LE(0x0112, 10)
  tiff.writeUInt16LE(3, 12)
  tiff.writeUInt32LE(1, 14)
  tiff.writeUInt16LE(orientation, 18)
  const content = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff])
  const head = Buffer.of(0xff, 0xe1, 0, content.length + 2)
  return new Uint8Array(Buffer.concat([jpeg.subarray(0, 2), head, content, jpeg.subarray(2)]))
}

function paint({ width, height, colorAt }: Painted) {
  const data = new Uint8ClampedArray(width * height * 4)
  for (let y = 0, at = 0; y < height; y++) for (let x = 0; x < width; x++, at += 4) data.set(colorAt(x, y), at)
  return { data, width, height }
}

function chunk(name: string, content: Uint8Array): Buffer {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), content])
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(content.length)
  check.writeUInt32BE(crc32(named))
  return Buffer.concat([length, named, check])
}

function moduleOf(name: string, path: string): Bytes {
  return new Uint8Array(readFileSync(join(dirname(fileURLToPath(import.meta.resolve(name))), path)))
}
