/** Literals that the world outside depends on; `test/contracts/twins.test.ts` compares digests with the contract's. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { domainSeparator, recoverTypedDataAddress } from 'viem'
import { toAddress } from '../../solver/core/hex.ts'
import {
  fundingTypedData,
  orderTypedData,
  permit2TypedData,
  signedDigest,
  signedTypes,
} from '../../solver/intents/eip712.ts'
import { anOrder, domain, ownerAccount, ownerAddress } from '../helpers/orders.ts'

const typeText = (name: keyof typeof signedTypes) =>
  `${name}(${signedTypes[name].map((member) => `${member.type} ${member.name}`).join(',')})`

describe('eip712.signedTypes', () => {
  it('are the type strings that the contract hashes', () => {
    assert.equal(
      typeText('Order'),
      'Order(address owner,address sellToken,address buyToken,address receiver,address auctioneer,uint128 amount,uint128 limitStart,uint128 limitEnd,uint40 decayStart,uint40 decayEnd,uint40 validTo,uint64 nonce,uint16 flags)',
    )
    assert.equal(
      typeText('WinCert'),
      'WinCert(bytes32 order,uint8 part,address solver,uint128 sellAmount,uint128 minOut,uint40 lastBlock)',
    )
  })
})

describe('eip712.permit2TypedData', () => {
  it("is under Permit2's domain on mainnet", () => {
    // DOMAIN_SEPARATOR() of 0x000000000022D473030F116dDEE9F6B43aC78BA3 on chain 1.
    const separator = domainSeparator({ domain: permit2TypedData(anOrder(), domain).domain })
    assert.equal(separator, '0x866a5aba21966af95d6c7ab78eb2b2fc913915c28be3b9aa07cc04ff903e3f28')
  })

  it('lets the settlement pull the amount once, up to validTo', () => {
    const { message } = permit2TypedData(anOrder(), domain)
    const { sellToken, amount, nonce, validTo } = anOrder()
    assert.deepEqual(message.permitted, { token: sellToken, amount })
    assert.deepEqual(
      [message.spender, message.nonce, message.deadline],
      [domain.settlement, nonce, BigInt(validTo)],
    )
  })
})

describe('eip712.signedDigest', () => {
  it('is what a wallet signs from the typed data', async () => {
    const data = orderTypedData(anOrder(), domain)
    const signature = await ownerAccount.sign({
      hash: signedDigest(anOrder(), domain, 'allowance'),
    })
    assert.equal(toAddress(await recoverTypedDataAddress({ ...data, signature })), ownerAddress)
    const permit2 = permit2TypedData(anOrder(), domain)
    const other = await ownerAccount.sign({ hash: signedDigest(anOrder(), domain, 'permit2') })
    const recovered = await recoverTypedDataAddress({ ...permit2, signature: other })
    assert.equal(toAddress(recovered), ownerAddress)
  })
})

describe('eip712.fundingTypedData', () => {
  it('lists the members of its domain, so that a wallet that takes raw JSON hashes the same', () => {
    const order = anOrder()
    const domain = { chainId: 1, settlement: order.owner }
    for (const funding of ['allowance', 'permit2'] as const) {
      const { types, domain: fields } = fundingTypedData(order, domain, funding)
      const listed = types['EIP712Domain']?.map(({ name }) => name)
      assert.deepEqual([...(listed ?? [])].sort(), Object.keys(fields).sort())
    }
  })
})
