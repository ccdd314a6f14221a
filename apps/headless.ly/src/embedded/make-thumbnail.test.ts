import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { imageCodecs } from './image-codecs.ts'
import { averaged, makeThumbnail, type Pixels } from './make-thumbnail.ts'
import { jpegOf, type Painted, pngOf, webpOf, withOrientation } from '../../test/test-images.ts'

const moduleOf = (name: string, path: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(join(dirname(fileURLToPath(import.meta.resolve(name))), path)))

const codecs = imageCodecs({
  jpeg: moduleOf('@jsquash/jpeg/decode.js', 'codec/dec/mozjpeg_dec.wasm'),
  png: moduleOf('@jsquash/png/decode.js', 'codec/pkg/squoosh_png_bg.wasm'),
  resize: moduleOf('@jsquash/resize', 'lib/resize/pkg/squoosh_resize_bg.wasm'),
  webp: moduleOf('@jsquash/webp/decode.js', 'codec/dec/webp_dec.wasm'),
  webpEncoder: moduleOf('@jsquash/webp/encode.js', 'codec/enc/webp_enc_simd.wasm'),
})
const encoders = { png: pngOf, jpeg: jpegOf, webp: webpOf }

const thumbnailOf = (bytes: Uint8Array<ArrayBuffer>, size = 64) => makeThumbnail(bytes, { size, codecs })

async function decoded(bytes: Uint8Array<ArrayBuffer>, size = 64): Promise<Pixels> {
  const made = await thumbnailOf(bytes, size)
  if (!made.ok) throw new Error(made.reason)
  return codecs.decoders.webp(made.bytes.slice().buffer)
}

/** Two halves, side by side. */
const twoColors = (width: number, height: number): Painted => ({
  width,
  height,
  colorAt: (x) => (x < width / 2 ? [220, 30, 30, 255] : [30, 30, 220, 255]),
})

const colorAt = ({ data, width }: Pixels, x: number, y: number): readonly number[] =>
  Array.from(data.subarray((y * width + x) * 4, (y * width + x) * 4 + 3))

function expectNear(color: readonly number[], wanted: readonly number[]): void {
  for (const [at, part] of color.entries())
    expect(Math.abs(part - (wanted[at] ?? 0)), `${color.join()} near ${wanted.join()}`).toBeLessThan(40)
}

test('a thumbnail of any image fits into its size, keeps the proportions, and has its colors', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('png', 'jpeg', 'webp'),
      fc.integer({ min: 8, max: 700 }),
      fc.integer({ min: 8, max: 700 }),
      fc.constantFrom(64, 128, 256),
      async (format, width, height, size) => {
        const small = await decoded(await encoders[format](twoColors(width, height)), size)
        const scale = Math.min(1, size / Math.max(width, height))
        expect([small.width, small.height]).toEqual(
          [width, height].map((side) => Math.max(1, Math.round(side * scale))),
        )
        if (small.width < 8) return
        const middle = Math.floor(small.height / 2)
        expectNear(colorAt(small, 1, middle), [220, 30, 30])
        expectNear(colorAt(small, small.width - 2, middle), [30, 30, 220])
      },
    ),
    { numRuns: 25 },
  )
})

test('a picture of a camera that was turned is upright', async () => {
  const jpeg = await jpegOf(twoColors(200, 100))
  const turned = await decoded(withOrientation(jpeg, 6))
  expect([turned.width, turned.height]).toEqual([32, 64])
  expectNear(colorAt(turned, 16, 4), [220, 30, 30])
  expectNear(colorAt(turned, 16, 60), [30, 30, 220])
})

test('an image of too many pixels is refused by its header', async () => {
  for (const format of ['png', 'jpeg', 'webp'] as const)
    for (const [width, height] of [
      [50_000, 50_000],
      [5_001, 5_000],
      [40_000, 1],
    ] as const) {
      if (format === 'webp' && width > 16_383) continue
      const bytes = await encoders[format](twoColors(16, 16), { claims: { width, height } })
      expect([format, await thumbnailOf(bytes)]).toEqual([format, { ok: false, reason: 'tooManyPixels' }])
    }
})

test('a damaged image is refused or shows what it has, and the next one is as before', async () => {
  const originals = await Promise.all(Object.values(encoders).map((encode) => encode(twoColors(90, 60))))
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...originals),
      fc.array(fc.tuple(fc.nat({ max: 99_999 }), fc.nat({ max: 255 })), { maxLength: 6 }),
      fc.nat({ max: 100 }),
      async (original, faults, percent) => {
        const bytes = new Uint8Array(original.subarray(0, Math.ceil((original.length * percent) / 100)))
        for (const [at, byte] of faults) if (bytes.length > 0) bytes[at % bytes.length] = byte
        const made = await thumbnailOf(bytes)
        if (!made.ok) expect(['damaged', 'tooManyPixels']).toContain(made.reason)
      },
    ),
    { numRuns: 300 },
  )
  for (const original of originals) expect((await decoded(original)).width).toBe(64)
  expect(await thumbnailOf(new Uint8Array(Buffer.from('no image')))).toEqual({ ok: false, reason: 'damaged' })
  expect(await thumbnailOf(new Uint8Array())).toEqual({ ok: false, reason: 'damaged' })
})

test('an average of squares is that of their visible pixels', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 5 }),
      fc.integer({ min: 1, max: 4 }),
      fc.uint8Array({ minLength: 4_000, maxLength: 4_000 }),
      (factor, squares, noise) => {
        const [width, height] = [factor * squares + (squares % factor), factor * squares]
        const image = { data: new Uint8ClampedArray(noise.slice(0, width * height * 4)), width, height }
        const small = averaged(image, factor)
        const [x, y] = [squares - 1, squares - 1]
        let [weights, red] = [0, 0]
        for (let row = y * factor; row < (y + 1) * factor; row++)
          for (let column = x * factor; column < (x + 1) * factor; column++) {
            const at = (row * width + column) * 4
            weights += image.data[at + 3] ?? 0
            red += (image.data[at] ?? 0) * (image.data[at + 3] ?? 0)
          }
        const at = (y * small.width + x) * 4
        expect(small.data[at + 3]).toBe(new Uint8ClampedArray([weights / factor ** 2])[0])
        expect(small.data[at]).toBe(weights === 0 ? 0 : new Uint8ClampedArray([red / weights])[0])
      },
    ),
  )
})
