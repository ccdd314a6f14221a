// The globals that a stored function may use without declaring them. `__name` is a helper of esbuild, which wraps functions in it.

export const sandboxGlobals: ReadonlySet<string> = new Set(
  `undefined NaN Infinity globalThis Object Function Array String Number Boolean Symbol BigInt Math JSON Date RegExp
  Promise Proxy Reflect Map Set WeakMap WeakSet WeakRef FinalizationRegistry Iterator Error AggregateError EvalError
  RangeError ReferenceError SyntaxError TypeError URIError ArrayBuffer SharedArrayBuffer DataView Atomics Int8Array
  Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array Float32Array Float64Array BigInt64Array
  BigUint64Array Intl parseInt parseFloat isNaN isFinite encodeURIComponent decodeURIComponent encodeURI decodeURI
  escape unescape console crypto URL URLSearchParams URLPattern TextEncoder TextDecoder AbortController AbortSignal
  structuredClone queueMicrotask setTimeout clearTimeout setInterval clearInterval atob btoa performance Headers
  Request Response Blob FormData DOMException fetch __name`.split(/\s+/),
)
