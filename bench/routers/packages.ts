/** Loads the routers' packages, which are there only after `npm run bench:routers` has installed them. */
import { createRequire } from 'node:module'
import type { Balancer } from './adapters/balancerTypes.ts'
import type { Router, Sdk, TickSdk } from './adapters/pancakeTypes.ts'
import type { Tines } from './adapters/tinesTypes.ts'
import type { Core, Ethers, Sor, V2, V3 } from './adapters/uniswapTypes.ts'

/** What is used of each package: their own types are not installed with ours. */
type Packages = {
  readonly '@balancer-labs/sor': Balancer
  readonly '@ethersproject/bignumber': Ethers
  readonly '@pancakeswap/sdk': Sdk
  readonly '@pancakeswap/smart-router': Router
  readonly '@pancakeswap/v3-sdk': TickSdk
  readonly '@sushiswap/tines': Tines
  readonly '@uniswap/sdk-core': Core
  readonly '@uniswap/smart-order-router': Sor
  readonly '@uniswap/v2-sdk': V2
  readonly '@uniswap/v3-sdk': V3
}

const require = createRequire(import.meta.url)

/** The CommonJS build of `name`. Not every package loads as an ES module, and one build keeps each class single. */
export function load<name extends keyof Packages>(name: name): Packages[name] {
  // The one cast at this border.
  return require(name) as Packages[name]
}
