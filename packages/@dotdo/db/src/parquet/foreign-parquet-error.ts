// The refusal of a Parquet file that another program has written: it is none, is damaged, or has what is not read.

export class ForeignParquetError extends Error {}
