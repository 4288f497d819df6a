/**
 * Fails when the lockfile would not install everywhere.
 *
 * npm 11 refuses, on every machine, a lockfile that lacks an optional platform package of a locked one;
 * and an entry without an integrity hash, or resolved from anywhere but a registry tarball, is not pinned.
 */
import { readFileSync } from 'node:fs'

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'))
const entries = Object.entries(packages)

const missing = entries.flatMap(([at, entry]) =>
  Object.entries(entry.optionalDependencies ?? {})
    .filter(([name]) => !isLocked(at, name))
    .map(([name, version]) => `${name}@${version} (of ${at})`),
)
const bare = entries
  .filter(([at, entry]) => at && !entry.link && !entry.integrity)
  .map(([at]) => at)
const ranges = Object.entries({ ...packages[''].dependencies, ...packages[''].devDependencies })
  .filter(([, version]) => !/^(npm:.+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
  .map(([name, version]) => `${name}@${version}`)

report('optional platform packages that are not locked', missing)
report('entries without an integrity hash', bare)
report('dependencies without an exact version', ranges)
if (missing.length + bare.length + ranges.length > 0) process.exit(1)
console.log(`${entries.length} locked packages, none missing`)

/** Whether `name`, asked for by the package at `at`, resolves somewhere up the tree. */
function isLocked(at, name) {
  for (
    let folder = at;
    ;
    folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1))
  ) {
    if (packages[`${folder && `${folder}/`}node_modules/${name}`]) return true
    if (folder === '') return false
  }
}

function report(what, names) {
  if (names.length > 0) console.error(`${what}:\n  ${names.join('\n  ')}`)
}
