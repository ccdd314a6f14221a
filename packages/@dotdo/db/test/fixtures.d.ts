/** The file's content as a `data:` URL, for tests without a file system. */
declare module '*.parquet?url&inline' {
  const url: string
  export default url
}
