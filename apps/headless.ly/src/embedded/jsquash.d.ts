// The parts of the codecs that are used. Their own types name classes of browsers.

type Pixels = import('./make-thumbnail.ts').Pixels

interface EmscriptenOptions {
  readonly wasmBinary: Uint8Array<ArrayBuffer>
  readonly printErr?: () => void
}

declare module '@jsquash/jpeg/decode.js' {
  export function init(options: EmscriptenOptions): Promise<void>
  export default function decode(
    bytes: ArrayBuffer,
    options: { readonly preserveOrientation: boolean },
  ): Promise<Pixels>
}
declare module '@jsquash/jpeg/encode.js' {
  export function init(options: EmscriptenOptions): Promise<void>
  export default function encode(image: Pixels, options: { readonly quality: number }): Promise<ArrayBuffer>
}
declare module '@jsquash/png/decode.js' {
  export function init(bytes: Uint8Array<ArrayBuffer>): Promise<unknown>
  export default function decode(bytes: ArrayBuffer): Promise<Pixels>
}
declare module '@jsquash/webp/decode.js' {
  export function init(options: EmscriptenOptions): Promise<void>
  export default function decode(bytes: ArrayBuffer): Promise<Pixels>
}
declare module '@jsquash/webp/encode.js' {
  export function init(options: EmscriptenOptions): Promise<unknown>
  export default function encode(image: Pixels, options: { readonly quality: number }): Promise<ArrayBuffer>
}
declare module '@jsquash/resize' {
  export function initResize(bytes: Uint8Array<ArrayBuffer>): Promise<unknown>
  export default function resize(
    image: Pixels,
    options: {
      readonly width: number
      readonly height: number
      readonly method: 'lanczos3'
      readonly fitMethod: 'stretch'
    },
  ): Promise<Pixels>
}
declare module '*.wasm' {
  const bytes: Uint8Array<ArrayBuffer>
  export default bytes
}
