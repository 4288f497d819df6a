/** Market snapshots on disk: `.json`, or gzipped `.json.gz`. */
import { readFile, rename, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { BaseError } from '../core/errors.ts'
import { formatSnapshot, parseSnapshot } from './codec.ts'
import { type Snapshot, SnapshotCorruptError } from './snapshot.ts'

/** Largest unpacked snapshot in bytes: some hundred thousand pools; a bound against gzip bombs. */
const bytesMax = 2 ** 29 - 1

/**
 * Reads a snapshot from `path`. A gzipped file is known by its first two bytes, not by its name.
 *
 * @throws {SnapshotFileError} `market.snapshot-file`, when the file is absent or not readable.
 * @throws {SnapshotCorruptError} `market.snapshot-corrupt`, when it is cut short or no JSON object.
 * @throws {SnapshotInvalidError} `market.snapshot-invalid`, when it breaks a rule of the format.
 */
export async function loadSnapshot(path: string): Promise<Snapshot> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new SnapshotFileError({ path, verb: 'read', cause })
  })
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b
  if (!isGzip) return parseSnapshot(bytes.toString('utf8'))
  const unpacked = await promisify(gunzip)(bytes, { maxOutputLength: bytesMax }).catch(
    (cause: unknown) => {
      throw new SnapshotCorruptError({ what: 'its gzip stream is broken', cause })
    },
  )
  return parseSnapshot(unpacked.toString('utf8'))
}

/**
 * Writes `snapshot` to `path`, gzipped when the name ends in `.gz`. The file is complete or absent: it is
 * written beside its place first and then renamed.
 *
 * @throws {SnapshotFileError} `market.snapshot-file`, when the file cannot be written.
 */
export async function saveSnapshot(path: string, snapshot: Snapshot): Promise<void> {
  const text = `${formatSnapshot(snapshot)}\n`
  const bytes = path.endsWith('.gz') ? await promisify(gzip)(text) : text
  try {
    await writeFile(`${path}.part`, bytes)
    await rename(`${path}.part`, path)
  } catch (cause) {
    throw new SnapshotFileError({ path, verb: 'written', cause })
  }
}

/** The file system refused. */
export class SnapshotFileError extends BaseError {
  override readonly code = 'market.snapshot-file'

  constructor({ path, verb, cause }: { path: string; verb: string; cause: unknown }) {
    super(`The market snapshot ${path} cannot be ${verb}.`, {
      cause,
      facts: { path, reason: cause instanceof Error ? cause.message : cause },
      hint: 'Check the path and its permissions. `isoprice snapshot` writes a market from a node, `isoprice localnet --snapshot FILE` that of a local chain; examples/market.json is a small one.',
    })
  }
}
