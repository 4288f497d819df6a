/** Every way into a block that the configuration can name. A new channel is one file and one line here. */
import { createBundleChannel } from './bundle.ts'

/** Channel makers by key. All are private: the public mempool has none. */
export const channels = {
  bundle: createBundleChannel,
} as const

/** The name of a channel in the configuration. */
export type ChannelKind = keyof typeof channels
