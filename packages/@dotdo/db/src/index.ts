export { seededRandom } from './base/seeded-random.ts'
export { withDeadline } from './base/with-deadline.ts'
export { waitForOthers } from './base/wait-for-others.ts'
export { eventColumns, eventIcebergColumns, type EventRow } from './events/event-columns.ts'
export { type EventFile, EventFileWriter, eventFileToDataFile } from './events/event-file-writer.ts'
export { findEventFile } from './events/find-event-file.ts'
export { type EventTexts, readEventRows, readEventTexts } from './events/read-events.ts'
export { type FilesCommit, commitFiles } from './iceberg/commit-files.ts'
export { commitMetadata, type CommittedTable, IcebergConflict } from './iceberg/commit-metadata.ts'
export { duckdbView } from './iceberg/duckdb-view.ts'
export { expireSnapshots } from './iceberg/expire-snapshots.ts'
export { type RelocatedTable, type Relocation, relocateTable } from './iceberg/relocate-table.ts'
export type { ColumnStatistics as IcebergStatistics, DataFile } from './iceberg/manifest.ts'
export { type DeletedRows, writePositionDeletes } from './iceberg/position-deletes.ts'
export {
  keyToPath,
  listDataFiles,
  metadataKey,
  MissingTableFile,
  pathToKey,
  readCurrentTable,
} from './iceberg/table.ts'
export { listTableVersions } from './iceberg/table-versions.ts'
export {
  type Column as IcebergColumn,
  createTableMetadata,
  currentSchema,
  currentSnapshot,
  msToMonth,
  type TableMetadata,
  withColumns,
  withSchema,
} from './iceberg/table-metadata.ts'
export { LayerWriter, type LayerWriterOptions } from './layers/layer-writer.ts'
export { LruCache } from './scan/lru-cache.ts'
export {
  type EventsLayer,
  filesOf,
  formatManifest,
  keysOf,
  type LayerFile,
  type Manifest,
  manifestKey,
  noLayers,
  type NounLayers,
  parseManifest,
  type StoredManifest,
  upgradeManifest,
} from './layers/manifest.ts'
export { DiskObjectStore, type Fetching } from './object-store/disk-object-store.ts'
export { type Faults, FaultyObjectStore, StoreFault } from './object-store/faulty-object-store.ts'
export { MemoryObjectStore } from './object-store/memory-object-store.ts'
export { type ByteRange, checkKey, type ObjectStore, type StoredObject } from './object-store/object-store.ts'
export { parseRange } from './object-store/parse-range.ts'
export { R2ObjectStore } from './object-store/r2-object-store.ts'
export { type S3BucketOptions, S3ObjectStore } from './object-store/s3-object-store.ts'
export { checksum, DamagedFile } from './parquet/block-checksums.ts'
export { type Column, type FieldNumber, nounToColumns, numberFields } from './parquet/columns.ts'
export { entityRowToValue, type EntityRow } from './parquet/entity-row.ts'
export { type FileLayout, FileWriter, rowGroupRowsMax, type WrittenFile } from './parquet/file-writer.ts'
export { ForeignParquetError } from './parquet/foreign-parquet-error.ts'
export { type ForeignRows, openForeignRows } from './parquet/foreign-rows.ts'
export { type FileRef, OpenFile, openFile } from './parquet/open-file.ts'
export { putChecked } from './parquet/put-checked.ts'
export { type PlainColumn, type PlainType, RowStream } from './parquet/row-stream.ts'
export { planScan, pruneByBloomFilters, type ScanPlan } from './parquet/scan-plan.ts'
export type { FileCache } from './scan/layer-files.ts'
export type { FilePlan } from './scan/layer-plan.ts'
export type { FindInFiles, FoundInFiles } from './scan/list-plan.ts'
export { Snapshot, type SnapshotOptions } from './scan/snapshot.ts'
export { storeWithDeadline } from './object-store/store-with-deadline.ts'
export { describeFile } from './tables/describe-file.ts'
export { findHiddenRows, type HiddenRows } from './tables/hidden-rows.ts'
export { columnsToIceberg, nounToTableName } from './tables/noun-table.ts'
