// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Reads a Uniswap V3 pool whole: price, liquidity and every initialised tick of a range
/// @notice Never deployed. A node runs this code *in place of* a pool's own (a state override of `eth_call`), so that
///         it reads the pool's storage directly: one slot a bitmap word, one slot a tick.
/// @dev Input, four words: the slot of `liquidity` (4 on Uniswap, 5 on PancakeSwap, whose slot0 takes two), the first
///      and the last bitmap word, the tick spacing. `ticks` and `tickBitmap` follow `liquidity` in the layout.
///      Output: slot 0, liquidity, the first word that was not read, then for each tick three bytes of tick and the
///      slot with its gross (low half) and net (high half) liquidity. It stops early, at a whole word, when gas or the
///      room of a batched answer runs short: the caller asks again from the word that was not read.
contract TickLens {
    /// Gas that ends the reading, once a word is done: what is left returns the answer.
    uint256 private constant SPARE_WORD = 40_000;
    /// Gas below which a word that was begun is given up.
    uint256 private constant SPARE_TICK = 20_000;
    /// Bytes of answer after which no further word is begun: a word has at most 256 * 35 bytes, and the answer of one
    /// call in a batch at most 65,535.
    uint256 private constant FULL = 56_000;

    fallback(bytes calldata) external returns (bytes memory) {
        // Free memory is ours to the end of the call, so the answer grows from 0x80 without an allocation; scratch
        // space 0x00 to 0x3f holds what is hashed.
        assembly ("memory-safe") {
            let slot := calldataload(0)
            let word := calldataload(0x20)
            let last := calldataload(0x40)
            let spacing := calldataload(0x60)
            let at := 0xe0
            mstore(0x80, sload(0))
            mstore(0xa0, sload(slot))
            for {} and(iszero(sgt(word, last)), and(gt(gas(), SPARE_WORD), lt(at, FULL))) {} {
                mstore(0x00, word)
                mstore(0x20, add(slot, 2))
                let map := sload(keccak256(0x00, 0x40))
                let begun := at
                let tick := mul(mul(word, 256), spacing)
                mstore(0x20, add(slot, 1))
                for {} map {} {
                    if iszero(and(map, 0xff)) {
                        map := shr(8, map)
                        tick := add(tick, mul(8, spacing))
                        continue
                    }
                    if and(map, 1) {
                        if lt(gas(), SPARE_TICK) {
                            at := 0
                            break
                        }
                        mstore(0x00, tick)
                        mstore(at, shl(232, tick))
                        mstore(add(at, 3), sload(keccak256(0x00, 0x40)))
                        at := add(at, 35)
                    }
                    map := shr(1, map)
                    tick := add(tick, spacing)
                }
                if iszero(at) {
                    at := begun
                    break
                }
                word := add(word, 1)
            }
            mstore(0xc0, word)
            return(0x80, sub(at, 0x80))
        }
    }
}
