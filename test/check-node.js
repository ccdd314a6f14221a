// Tests and programs need Node 22 or newer, which the `node` package installs. If its install script was not allowed to
// run, report that at once instead of failing later.

const major = Number(process.versions.node.split('.')[0])
if (major < 22) {
  console.error(
    `expected Node 22 or newer, got ${process.versions.node}: the 'node' package did not install its binary; run npm install with install scripts allowed, and start this through npm`,
  )
  process.exit(1)
}
