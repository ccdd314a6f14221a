/** A file's content as a `data:` URL, for tests that have no file system. */
declare module '*.parquet?url&inline' {
  const url: string
  export default url
}
