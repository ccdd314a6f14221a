// The codecs of images, in WebAssembly: mozjpeg, libwebp, and the crates `png` and `resize` of Rust.

import decodeJpeg, { init as initJpeg } from '@jsquash/jpeg/decode.js'
import decodePng, { init as initPng } from '@jsquash/png/decode.js'
import resize, { initResize } from '@jsquash/resize'
import decodeWebp, { init as initWebp } from '@jsquash/webp/decode.js'
import encodeWebp, { init as initWebpEncoder } from '@jsquash/webp/encode.js'
import type { ImageCodecs, Pixels } from './make-thumbnail.ts'

/** The bytes of their modules. */
export interface ImageModules {
  readonly jpeg: Uint8Array<ArrayBuffer>
  readonly png: Uint8Array<ArrayBuffer>
  readonly webp: Uint8Array<ArrayBuffer>
  readonly webpEncoder: Uint8Array<ArrayBuffer>
  readonly resize: Uint8Array<ArrayBuffer>
}

/** Quality of WebP, from 0 to 100. */
const quality = 80

/** Their words about damaged images are for nobody. */
const printErr = (): void => {}

/** Each module is compiled for the first image that needs it. */
export function imageCodecs(modules: ImageModules): ImageCodecs {
  provideImageData()
  const jpeg = once(() => initJpeg({ wasmBinary: modules.jpeg, printErr }))
  const png = once(() => initPng(modules.png))
  const webp = once(() => initWebp({ wasmBinary: modules.webp, printErr }))
  const webpEncoder = once(() => initWebpEncoder({ wasmBinary: modules.webpEncoder, printErr }))
  const resizer = once(() => initResize(modules.resize))
  return {
    decoders: {
      jpg: async (bytes) => {
        await jpeg()
        return decodeJpeg(bytes, { preserveOrientation: true })
      },
      png: async (bytes) => {
        await png()
        return decodePng(bytes)
      },
      webp: async (bytes) => {
        await webp()
        return decodeWebp(bytes)
      },
    },
    resize: async (image, to) => {
      await resizer()
      return resize(image, { ...to, method: 'lanczos3', fitMethod: 'stretch' })
    },
    encode: async (image) => {
      await webpEncoder()
      return encodeWebp(image, { quality })
    },
  }
}

function once(init: () => Promise<unknown>): () => Promise<unknown> {
  let done: Promise<unknown> | undefined
  return () => (done ??= init())
}

/** The codecs make their results by this class of browsers, which Node does not have. */
function provideImageData(): void {
  Object.defineProperty(globalThis, 'ImageData', { value: PlainImageData, configurable: true })
}

class PlainImageData implements Pixels {
  readonly data: Uint8ClampedArray<ArrayBuffer>
  readonly width: number
  readonly height: number

  constructor(data: Uint8ClampedArray<ArrayBuffer>, width: number, height: number) {
    this.data = data
    this.width = width
    this.height = height
  }
}
