// The formats of files that can be imported, as data.

export interface FileFormat {
  readonly name: 'csv' | 'xlsx' | 'parquet' | 'json' | 'ndjson'
  readonly about: string
  /** Endings of file names. */
  readonly endings: readonly string[]
  readonly mediaTypes: readonly string[]
}

export const fileFormats: readonly FileFormat[] = [
  {
    name: 'csv',
    about: 'Comma-separated values as spreadsheets write them',
    endings: ['csv', 'tsv', 'txt', 'tab'],
    mediaTypes: ['text/csv', 'text/tab-separated-values', 'application/csv'],
  },
  {
    name: 'xlsx',
    about: 'A sheet of an Excel workbook',
    endings: ['xlsx', 'xlsm'],
    mediaTypes: [
      'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
      'application/vnd.ms-excel.sheet.macroenabled.12',
    ],
  },
  {
    name: 'parquet',
    about: 'An Apache Parquet file',
    endings: ['parquet', 'pq'],
    mediaTypes: ['application/vnd.apache.parquet', 'application/x-parquet'],
  },
  { name: 'json', about: 'A JSON list of objects', endings: ['json'], mediaTypes: ['application/json'] },
  {
    name: 'ndjson',
    about: 'One JSON object per line',
    endings: ['ndjson', 'jsonl'],
    mediaTypes: ['application/x-ndjson', 'application/ndjson', 'application/jsonl'],
  },
]
