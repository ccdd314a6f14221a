// What the npm package is to Node: a CommonJS module whose `default` is the path of the binary for this machine.
declare module 'workerd' {
  const module: { readonly default: string; readonly compatibilityDate: string; readonly version: string }
  export default module
}
