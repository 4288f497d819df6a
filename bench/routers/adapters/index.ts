/** The routers of the bench by name; each is loaded in its own process. */
import type { Router } from '../plan.ts'

/** How a router is loaded, and the package that it is. */
export type Entry = {
  readonly title: string
  readonly isOurs: boolean
  load(): Promise<Router>
}

/** In the order of the table. */
export const routers = {
  isoprice: {
    title: 'isoprice',
    isOurs: true,
    load: async () => (await import('./ours.ts')).ours,
  },
  isopriceNoCredit: {
    title: 'isoprice, no credit',
    isOurs: true,
    load: async () => (await import('./ours.ts')).oursWithoutCredit,
  },
  tines: {
    title: 'tines 1.0.11',
    isOurs: false,
    load: async () => (await import('./tines.ts')).tines,
  },
  pancakeInfinity: {
    title: 'Pancake infinity router 7.7.3',
    isOurs: false,
    load: async () => (await import('./pancake.ts')).pancakeInfinity,
  },
  pancakeSmart: {
    title: 'Pancake smart router 7.7.3',
    isOurs: false,
    load: async () => (await import('./pancake.ts')).pancakeSmart,
  },
  uniswap: {
    title: 'Uniswap AlphaRouter 4.31.10',
    isOurs: false,
    load: async () => (await import('./uniswap.ts')).uniswap,
  },
  balancer: {
    title: 'Balancer SOR 4.1.3',
    isOurs: false,
    load: async () => (await import('./balancer.ts')).balancer,
  },
} as const satisfies Record<string, Entry>

/** A key of the registry. */
export type RouterName = keyof typeof routers

/** True for a key of the registry. */
export function isRouterName(name: string): name is RouterName {
  return Object.hasOwn(routers, name)
}
