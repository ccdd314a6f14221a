export { MemoryObjectStore } from './object-store/memory-object-store.ts'
export { type ByteRange, checkKey, type ObjectStore, type StoredObject } from './object-store/object-store.ts'
