// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ISettlement} from "../interfaces/ISettlement.sol";
import {Credit} from "../libraries/Credit.sol";
import {Funding, Payer} from "../libraries/Funding.sol";
import {Hop} from "./Hop.sol";

/// @dev The part of a pool that is used.
interface IUniswapV3Pool {
    function swap(
        address recipient,
        bool zeroForOne,
        int256 amountSpecified,
        uint160 limit,
        bytes calldata data
    ) external returns (int256 amount0, int256 amount1);
}

/// @title UniswapV3
/// @notice Sells to a V3 pool, which is paid inside its callback, straight from the payer.
library UniswapV3 {
    using Credit for Hop;
    using Funding for Payer;

    /// @dev One inside the ends of the price range: no limit but the pool's own.
    uint160 internal constant LOWEST = 4295128740;
    uint160 internal constant HIGHEST = 1461446703485210103287273052203988822378723970341;

    /// @dev Requires that `pool` is derived and armed. What was paid is the pool's own delta; when its liquidity ends, it
    /// takes less than was offered. What was got, `payCaller` says: the pool pays first and asks then.
    function swap(address pool, Hop memory hop, Payer memory payer) internal returns (uint256 paid) {
        bool isZeroForOne = address(hop.tokenIn) < address(hop.tokenOut);
        (int256 delta0, int256 delta1) = IUniswapV3Pool(pool).swap(
            hop.to,
            isZeroForOne,
            // At most 2^128 - 1, so it stays positive: an exact input.
            int256(hop.amountIn),
            isZeroForOne ? LOWEST : HIGHEST,
            abi.encode(hop, hop.held(), payer)
        );
        // The pool takes of this token, so its delta is not negative.
        return uint256(isZeroForOne ? delta0 : delta1);
    }

    /// @dev Pays what the calling pool asks. Requires that the caller was armed, so that `data` is `swap`'s own. Gives
    /// what the pool has paid out, measured before the token that it is paid in can run any code.
    function payCaller(int256 amount0Delta, int256 amount1Delta, bytes calldata data) internal returns (uint256 got) {
        (Hop memory hop, uint256 heldBefore, Payer memory payer) = abi.decode(data, (Hop, uint256, Payer));
        // What the pool pays out is negative, so the other is what it asks; both are 0 where it has no liquidity.
        (int256 deltaIn, int256 deltaOut) = amount0Delta > 0
            ? (amount0Delta, amount1Delta)
            : (amount1Delta, amount0Delta);
        uint256 asked = uint256(deltaIn);
        if (asked > hop.amountIn) revert ISettlement.AsksTooMuch(msg.sender, asked, hop.amountIn);
        got = hop.arrived(uint256(-deltaOut), heldBefore);
        payer.pay(hop.tokenIn, msg.sender, asked);
    }
}
