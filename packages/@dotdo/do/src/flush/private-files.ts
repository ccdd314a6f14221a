// The place of a tenant's objects that readers of its lake must not see. Keys to the lake open `<tenant>/`, and no tenant's name begins
// with `_`.

export function privatePrefix(tenant: string): string {
  return `_private/${tenant}/`
}
