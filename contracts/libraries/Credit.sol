// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Hop} from "../verbs/Hop.sol";

/// @title Credit
/// @notice What a pool's payment was worth to the receiver: what the pool paid, or what arrived if that is less.
/// @dev The two balances are read as close around the payment as the pool allows, so that nothing runs between them but
/// the pool's and the buy token's own code. A payment that reaches the receiver in any other way, even from within the
/// same swap, lies outside of them and counts for nothing.
///
/// What goes into a pot is not measured: `Pots.close` compares the whole call with what this contract holds.
library Credit {
    /// @dev What the receiver holds of the token that the pool is about to pay.
    function held(Hop memory hop) internal view returns (uint256) {
        return hop.to == address(this) ? 0 : hop.tokenOut.balanceOf(hop.to);
    }

    /// @dev `paid` as the pool says, but no more than the receiver gained since he held `heldBefore`.
    function arrived(Hop memory hop, uint256 paid, uint256 heldBefore) internal view returns (uint256) {
        if (hop.to == address(this)) return paid;
        uint256 heldAfter = hop.tokenOut.balanceOf(hop.to);
        uint256 gained = heldAfter > heldBefore ? heldAfter - heldBefore : 0;
        return gained < paid ? gained : paid;
    }
}
