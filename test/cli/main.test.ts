/** `isoprice` as people start it, and the commands about the machine and about recordings. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { after, before, describe, it } from 'mocha'
import { commands } from '../../solver/cli/index.ts'
import { errorOf, runCli } from '../helpers/cli.ts'
import { createMarketFiles, type MarketFiles } from '../helpers/marketFiles.ts'

const main = fileURLToPath(new URL('../../solver/cli/main.ts', import.meta.url))
let files: MarketFiles

before(async () => {
  files = await createMarketFiles()
})
after(() => files.remove())

/** The real thing, in a process of its own. */
function isoprice(...argv: string[]) {
  return spawnSync(process.execPath, [main, ...argv], { encoding: 'utf8' })
}

describe('cli.main', () => {
  it('shows every command and the exit codes on stdout, and exits 0', () => {
    const { status, stdout, stderr } = isoprice('--help')
    assert.deepEqual([status, stderr], [0, ''])
    for (const name of [
      'quote',
      'quotes',
      'verify',
      'replay',
      'sign',
      'serve',
      'localnet',
      'snapshot',
      'blocks',
      'record',
      'doctor',
    ])
      assert.match(stdout, new RegExp(`^ {2}${name} `, 'm'))
    assert.match(stdout, /Exit codes: 0 ok/)
    assert.equal(stdout.includes('\u001b'), false)
  })

  it('exits with 2 for an unknown command and says so on stderr', () => {
    const { status, stdout, stderr } = isoprice('quoet')
    assert.deepEqual([status, stdout], [2, ''])
    assert.match(stderr, /^error cli\.usage: unknown command 'quoet'\.\n.*quote/)
  })

  it('prints faults of the arguments as one object with --json', () => {
    const { status, stdout, stderr } = isoprice('quote', '--json')
    assert.deepEqual([status, stderr], [2, ''])
    const { error } = JSON.parse(stdout) as { error: Record<'code' | 'message' | 'hint', string> }
    assert.equal(error.code, 'cli.usage')
    assert.match(error.message, /--market/)
    assert.match(error.hint, /isoprice quote --help/)
  })

  it('quotes with results on stdout alone and no colour codes', () => {
    const request = ['--sell', 'T0', '--buy', 'T1', '--amount', String(10n ** 18n)]
    const { status, stdout, stderr } = isoprice('quote', '--market', files.market, ...request)
    assert.deepEqual([status, stderr], [0, ''])
    assert.match(stdout, /^bundle 0x[0-9a-f]{64}$/m)
    assert.equal(stdout.includes('\u001b'), false)
  })

  it('ends in peace when its reader goes away', async () => {
    const trade = JSON.stringify({ sellToken: 'T0', buyToken: 'T1', amount: '1000000000000000000' })
    const trades = await files.write('many.jsonl', `${trade}\n`.repeat(60))
    const command = `"$0" "$1" quotes --market "$2" --trades "$3" --json | head -n 1; exit "\${PIPESTATUS[0]}"`
    const argv = ['-c', command, process.execPath, main, files.market, trades]
    const { status, stdout, stderr } = spawnSync('bash', argv, { encoding: 'utf8' })
    assert.equal(stdout.trim().split('\n').length, 1)
    assert.equal(typeof JSON.parse(stdout), 'object')
    assert.doesNotMatch(stderr, /EPIPE|Error/)
    assert.equal(status, 0)
  })
})

describe('cli --help', () => {
  it('exits 0 for every command and says what it takes', async () => {
    assert.ok(commands.length >= 10)
    for (const name of [
      'quote',
      'quotes',
      'verify',
      'replay',
      'sign',
      'serve',
      'localnet',
      'snapshot',
      'blocks',
      'record',
      'doctor',
    ]) {
      const { code, out } = await runCli(name, '--help')
      assert.equal(code, 0)
      assert.match(out.join(''), /--json/)
    }
  })
})

describe('cli usage errors', () => {
  const wrong: readonly (readonly [string, string[], RegExp])[] = [
    ['an unknown option', ['doctor', '--colour'], /doctor --help/],
    ['an unknown option before any command', ['--colour'], /isoprice --help/],
    ['a missing option', ['sign'], /sign --help/],
    ['a missing argument', ['verify'], /verify --help/],
    ['a missing value', ['doctor', '--rpc'], /doctor --help/],
    ['an argument too many', ['doctor', 'now'], /doctor --help/],
    ['a misspelt command', ['docter'], /doctor/],
    ['a seed that is no number', ['localnet', '--seed', 'abc'], /--seed 7/],
    ['a seed too large', ['localnet', '--seed', String(2 ** 32)], /below 2\^32/],
    ['a port that is no number', ['serve', '--port', 'abc'], /a port from 0 to 65535/],
    ['a port too large', ['serve', '--port', '65536'], /a port from 0 to 65535/],
    ['a settlement without a node', ['doctor', '--settlement', `0x${'5e'.repeat(20)}`], /node/],
    [
      'an unknown option of a command of a group',
      ['market', 'diff', '--colour'],
      /market diff --help/,
    ],
    ['a node without a protocol', ['doctor', '--rpc', 'localhost:8545'], /http:\/\/127\.0\.0\.1/],
    ['a node that is named twice', ['doctor', '--rpc', 'http://a,http://a'], /once/],
    ['a node that is not named', ['doctor', '--rpc', ''], /https:\/\/one/],
    ['a relay that is no URL', ['doctor', '--relay', 'relay.example'], /protocol/],
    ['a node to record that is no URL', ['record', '--rpc', 'x', '--out', 'y'], /protocol/],
    ['an end without a file', ['localnet', '--exit'], /file to write/],
    ['a settlement that is no address', ['doctor', '--settlement', '0x5e'], /40 hex digits/],
  ]
  for (const [what, argv, hint] of wrong)
    it(`has a hint that fits ${what}, as text and as JSON`, async () => {
      const json = await runCli(...argv.slice(0, 1), '--json', ...argv.slice(1))
      const error = errorOf(json)
      assert.deepEqual([json.code, json.out.length, error?.code], [2, 1, 'cli.usage'])
      assert.match(error?.hint ?? '', hint)
      assert.doesNotMatch(error?.hint ?? '', /base units/)
      const text = await runCli(...argv)
      assert.deepEqual([text.code, text.out], [2, []])
      assert.match(text.progress.join('\n'), /^error cli\.usage: /)
      assert.ok(text.progress.join('\n').endsWith(error?.hint ?? '-'))
    })

  it('shows the help on stderr and exits with 2 when no command is given', async () => {
    const { code, out, progress } = await runCli()
    assert.deepEqual([code, out], [2, []])
    assert.match(progress.join('\n'), /Commands:/)
  })
})

describe('cli.blocks', () => {
  const row = {
    block: 1,
    txIndex: 2,
    logIndex: 3,
    pool: `0x${'e1'.padStart(40, '0')}`,
    kind: 'v2',
    token0: `0x${'a0'.padStart(40, '0')}`,
    token1: `0x${'b0'.padStart(40, '0')}`,
    reserve0Before: '1000',
    reserve1Before: '1000',
    amount0In: '100',
    amount1In: '0',
    amount0Out: '0',
    amount1Out: '90',
  }
  async function blocks(text: string, ...more: string[]) {
    await writeFile(join(files.folder, 'swaps.jsonl.gz'), gzipSync(text))
    return runCli('blocks', files.folder, ...more)
  }

  it('counts per kind what came out as on the chain, and names what did not', async () => {
    // floor(1000 * 997 * 100 / (1000 * 1000 + 997 * 100)) = 90; the pair would not pay 91.
    const rows = [row, { ...row, amount1Out: '91', logIndex: 4 }].map((each) =>
      JSON.stringify(each),
    )
    const { code, out } = await blocks(`${rows.join('\n')}\n`, '--json')
    const report = JSON.parse(out[0] ?? '') as Record<string, unknown> & { misses: object[] }
    assert.deepEqual(Object.keys(report), ['v2', 'v3', 'v4', 'misses'])
    assert.deepEqual(
      [code, report['v2'], report['v3']],
      [0, { total: 2, exact: 1 }, { total: 0, exact: 0 }],
    )
    assert.equal(report.misses.length, 1)
  })

  it('says the same to a person', async () => {
    const { out } = await blocks(`${JSON.stringify(row)}\n`)
    assert.equal(out[0], 'v2: 1 of 1 swaps equal to the chain, to the wei')
  })

  it('refuses a recording with a line that is none', async () => {
    for (const text of ['{', '{}', '[]', 'null', JSON.stringify({ ...row, kind: 'v9' })]) {
      const run = await blocks(`${text}\n`, '--json')
      assert.deepEqual([text, run.code, errorOf(run)?.code], [text, 2, 'cli.input-file'])
    }
  })
})

describe('cli.doctor', () => {
  it('finds this machine fit and says on what it looked', async () => {
    const { code, out } = await runCli('doctor', '--json')
    const { ok, findings } = JSON.parse(out[0] ?? '') as {
      ok: boolean
      findings: { name: string }[]
    }
    assert.deepEqual([code, ok], [0, true])
    assert.deepEqual(
      findings.map(({ name }) => name),
      ['Node.js', 'EVM', 'Solidity compiler', 'loopback'],
    )
  })

  it('exits with 6 when the node that it was given does not answer', async () => {
    const { code, out } = await runCli('doctor', '--rpc', 'http://127.0.0.1:9')
    assert.equal(code, 6)
    assert.match(out.join('\n'), /^FAIL node: .*\n {5}Check the URL/m)
  })
})

describe('cli.serve --rpc', () => {
  const node = ['serve', '--json', '--rpc', 'http://127.0.0.1:9']
  const relay = ['--relay', 'http://127.0.0.1:9']

  it('names the options that are missing, and no others', async () => {
    const wrong = async (...more: string[]) => errorOf(await runCli(...node, ...more))?.message
    assert.match((await wrong()) ?? '', /--relay, --pools, --settlement/)
    assert.equal(await wrong(...relay, '--pools', 'x'), '--rpc needs --settlement too.')
    const address = ['--pools', 'x', '--settlement', '0x12']
    assert.equal(await wrong(...relay, ...address), '--settlement 0x12 is no address.')
  })

  it('shows nothing of a URL that may hold a key', async () => {
    for (const url of [
      'key@node.example/v2',
      'ftp://node.example/secretkey',
      'node.example?key=key',
    ])
      assert.doesNotMatch(JSON.stringify(await runCli('doctor', '--rpc', url)), /key/)
  })
})
