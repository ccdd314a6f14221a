// Makes a small WebP image of a PNG, JPEG or WebP image. The header says how many pixels there are before any is decoded.

import { imageSize } from 'image-size'

export interface Pixels {
  /** Red, green, blue and alpha of each pixel, row by row. */
  readonly data: Uint8ClampedArray<ArrayBuffer>
  readonly width: number
  readonly height: number
}

export interface ImageCodecs {
  /** Each rejects for bytes that it cannot decode. */
  readonly decoders: Readonly<Record<ImageType, (bytes: ArrayBuffer) => Promise<Pixels>>>
  resize(image: Pixels, to: Pick<Pixels, 'width' | 'height'>): Promise<Pixels>
  encode(image: Pixels): Promise<ArrayBuffer>
}

type ImageType = 'png' | 'jpg' | 'webp'

export type MadeThumbnail =
  | { readonly ok: true; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly ok: false; readonly reason: 'damaged' | 'tooManyPixels' }

/** Pictures of most cameras and telephones. Each pixel takes four bytes twice, in the decoder and outside. */
export const pixelsMax = 25_000_000
/** A thin line of an image would have no pixel left across, and decoders allocate whole rows. */
const sideMax = 30_000

export async function makeThumbnail(
  bytes: Uint8Array<ArrayBuffer>,
  { size, codecs }: { readonly size: number; readonly codecs: ImageCodecs },
): Promise<MadeThumbnail> {
  const header = readHeader(bytes)
  if (header === undefined) return { ok: false, reason: 'damaged' }
  const { width, height, type } = header
  if (width > sideMax || height > sideMax || width * height > pixelsMax) return { ok: false, reason: 'tooManyPixels' }
  try {
    const image = await codecs.decoders[type](bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
    const wanted = fitting(image, size)
    const near = averaged(image, Math.floor(image.width / wanted.width / 2))
    const small =
      near.width === wanted.width && near.height === wanted.height ? near : await codecs.resize(near, wanted)
    return { ok: true, bytes: new Uint8Array(await codecs.encode(small)) }
  } catch {
    // The decoders reject with whatever their compilers make of a fault in the image.
    return { ok: false, reason: 'damaged' }
  }
}

interface Header {
  readonly width: number
  readonly height: number
  readonly type: ImageType
}

/** Returns undefined for bytes that are no image of these types. */
function readHeader(bytes: Uint8Array): Header | undefined {
  try {
    const { width, height, type } = imageSize(bytes)
    if ((type === 'png' || type === 'jpg' || type === 'webp') && width > 0 && height > 0) return { width, height, type }
  } catch {
    // It throws for every header that it cannot read.
  }
  return undefined
}

/** The longer side has at most `size` pixels. Smaller images keep their size. */
function fitting({ width, height }: Pixels, size: number): Pick<Pixels, 'width' | 'height'> {
  const scale = Math.min(1, size / Math.max(width, height))
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
}

/**
 * Averages squares of `factor` pixels a side, so that the exact filter, which takes five times the memory of its image, gets a small one.
 * Transparent pixels have no color. A rest at the right and at the bottom is left out: it is less than one square.
 */
export function averaged(image: Pixels, factor: number): Pixels {
  const [width, height] = [Math.floor(image.width / factor), Math.floor(image.height / factor)]
  if (!(factor > 1) || width === 0 || height === 0) return image
  const data = new Uint8ClampedArray(width * height * 4)
  const from = image.data
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++, at += 4) {
      let [red, green, blue, alpha] = [0, 0, 0, 0]
      for (let row = y * factor; row < (y + 1) * factor; row++)
        for (let pixel = (row * image.width + x * factor) * 4, end = pixel + factor * 4; pixel < end; pixel += 4) {
          const weight = from[pixel + 3] ?? 0
          red += (from[pixel] ?? 0) * weight
          green += (from[pixel + 1] ?? 0) * weight
          blue += (from[pixel + 2] ?? 0) * weight
          alpha += weight
        }
      if (alpha === 0) continue
      data[at] = red / alpha
      data[at + 1] = green / alpha
      data[at + 2] = blue / alpha
      data[at + 3] = alpha / (factor * factor)
    }
  return { data, width, height }
}
