// A process that decodes images of strangers, apart from the server: whatever one of them does, this process is ended, and another one
// starts. It gets an image and a size as a message, and answers with one.

import jpeg from '@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm'
import png from '@jsquash/png/codec/pkg/squoosh_png_bg.wasm'
import resize from '@jsquash/resize/lib/resize/pkg/squoosh_resize_bg.wasm'
import webp from '@jsquash/webp/codec/dec/webp_dec.wasm'
import webpEncoder from '@jsquash/webp/codec/enc/webp_enc_simd.wasm'
import { imageCodecs } from './image-codecs.ts'
import { makeThumbnail } from './make-thumbnail.ts'

export interface ThumbnailJob {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly size: number
}

const codecs = imageCodecs({ jpeg, png, webp, webpEncoder, resize })

process.on('message', ({ bytes, size }: ThumbnailJob) => {
  void makeThumbnail(bytes, { size, codecs }).then((made) => process.send?.(made))
})
// The launcher has ended.
process.on('disconnect', () => process.exit())
