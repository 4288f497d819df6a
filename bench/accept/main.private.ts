/** `main.private`: nobody on the public side sees a settlement before it is mined; the control is seen every time. */
import { createWalletClient, http } from 'viem'
import { mainnet as viemMainnet } from 'viem/chains'
import { mainnetTokens } from '../../solver/chain/chains/mainnet.ts'
import type { Hex } from '../../solver/core/hex.ts'
import { venues } from '../../solver/engine/settleSolution.ts'
import { toAddress } from '../../solver/core/hex.ts'
import { prepareSettlement } from '../../solver/settle/prepare.ts'
import { startLine, type TestLine, until } from '../../test/helpers/line.ts'
import { createWatcher, type Watcher } from '../../test/helpers/watcher.ts'
import type { AcceptCheck } from './check.ts'

const settlements = 100
const owners = 16
const perOwner = 20n * 10n ** 18n
/** Below the 16 pending transactions that the public pool takes of one account. */
const batch = 10

const check: AcceptCheck = {
  id: 'main.private',
  threshold: '0 sightings in 100 private settlements; control sent publicly: 100 of 100 seen',
  async run(say) {
    const line = await startLine(0.25)
    const watcher = await createWatcher(line.net.served, 10)
    try {
      for (let index = 0; index < owners; index += 1)
        await line.fund(index, mainnetTokens.WETH.address, perOwner)
      say(`${owners} owners funded`)
      line.run()
      const privately = await settlePrivately(line, say)
      await watcher.poll()
      const seen = watcher.sightings(privately)
      say(`private: ${privately.length} settled, ${seen} seen before inclusion`)
      const publicly = await sendPublicly(line, watcher, say)
      const control = publicly.filter((hash) => watcher.sightings([hash]) > 0).length
      return {
        ok: seen === 0 && privately.length === settlements && control === settlements,
        figure: `${seen} sightings in ${privately.length} private settlements; control: ${control} of ${publicly.length} seen`,
      }
    } finally {
      await watcher.close()
      await line.close()
    }
  },
}

export default check

async function settlePrivately(line: TestLine, say: (text: string) => void): Promise<Hex[]> {
  for (let index = 0; index < settlements; index += 1) {
    const amount = 10n ** 17n + BigInt(index)
    const signed = await line.sign(index % owners, { nonce: BigInt(index), amount })
    await line.engine.accept(signed)
    await until(() => line.settled.length > index, 30, `settlement ${index + 1}`)
    if ((index + 1) % 25 === 0) say(`${index + 1} of ${settlements} settled`)
  }
  return line.settled.map(({ transaction }) => transaction)
}

/** The same kind of settlement through the public pool: what a careless solver would do. */
async function sendPublicly(
  { engine, client, net, options, sign }: TestLine,
  watcher: Watcher,
  say: (text: string) => void,
): Promise<Hex[]> {
  const { served } = net
  const wallet = createWalletClient({
    account: options.solver,
    chain: viemMainnet,
    transport: http(served.url),
  })
  const hashes: Hex[] = []
  for (let index = 0; index < settlements; index += 1) {
    const nonce = BigInt(1_000 + index)
    const signed = await sign(index % owners, { nonce, amount: 10n ** 16n })
    const { sellToken: tokenIn, buyToken: tokenOut, amount: amountIn } = signed.order
    const found = engine.quote({ tokenIn, tokenOut, amountIn }, { maxLegs: 1 })
    if (found === undefined) throw new RangeError('no route for the control')
    const solver = toAddress(options.solver.address)
    const view = engine.view()
    const { to, data, gasLimit } = await prepareSettlement(client, {
      signed,
      route: found.quote,
      view,
      solver,
      venues,
    })
    hashes.push(await wallet.sendTransaction({ to, data, gas: gasLimit * 2n }))
    await watcher.poll()
    if ((index + 1) % batch === 0) await until(() => served.pending().public === 0, 30, 'the pool')
    if ((index + 1) % 25 === 0) say(`control: ${index + 1} of ${settlements} sent publicly`)
  }
  return hashes
}
