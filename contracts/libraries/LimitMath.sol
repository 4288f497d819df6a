// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ISettlement, Order} from "../interfaces/ISettlement.sol";

/// @title LimitMath
/// @notice The least that a fill must pay, rounded in the owner's favour. `solver/intents/limit.ts` is its twin.
library LimitMath {
    /// @dev The limit at `time`, in base units of the buy token: the fall is rounded down, so the limit is rounded up.
    ///
    /// Total but for a limit that would rise, which reverts at any time. An empty decay (`decayEnd <= decayStart`) is a
    /// step.
    function limitAt(Order memory order, uint256 time) internal pure returns (uint256) {
        (uint256 high, uint256 low) = (order.limitStart, order.limitEnd);
        if (high < low) revert ISettlement.LimitRises(order.limitStart, order.limitEnd);
        if (time <= order.decayStart) return high;
        if (time >= order.decayEnd) return low;

        // decayStart < time < decayEnd and high >= low, so no difference is negative; fall <= high - low because
        // elapsed < span; (2^128 - 1) * (2^40 - 1) < 2^256.
        unchecked {
            uint256 elapsed = time - order.decayStart;
            uint256 span = uint256(order.decayEnd) - order.decayStart;
            uint256 fall = ((high - low) * elapsed) / span;
            return high - fall;
        }
    }

    /// @dev `limit` * `sold` / `amount`, rounded up: the parts of an order pay at least what the whole would.
    ///
    /// Requires `0 < sold <= amount`.
    function proRata(uint128 limit, uint128 sold, uint128 amount) internal pure returns (uint128) {
        // (2^128 - 1)^2 + 2^128 - 2 < 2^256, so nothing overflows; sold / amount <= 1, so the cast is safe.
        unchecked {
            return uint128((uint256(limit) * sold + amount - 1) / amount);
        }
    }
}
