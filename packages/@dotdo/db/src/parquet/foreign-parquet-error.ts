/** A file that is no Parquet file, is damaged, or has what is not read. */
export class ForeignParquetError extends Error {}
