// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {ISettlement} from "../interfaces/ISettlement.sol";
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
    using Funding for Payer;

    /// @dev One inside the ends of the price range: no limit but the pool's own.
    uint160 internal constant LOWEST = 4295128740;
    uint160 internal constant HIGHEST = 1461446703485210103287273052203988822378723970341;

    /// @dev Requires that `pool` is derived and armed. What was paid and got are the pool's own deltas; when its
    /// liquidity ends, it takes less than was offered.
    function swap(address pool, Hop memory hop, Payer memory payer) internal returns (uint256 paid, uint256 got) {
        bool isZeroForOne = address(hop.tokenIn) < address(hop.tokenOut);
        (int256 delta0, int256 delta1) = IUniswapV3Pool(pool).swap(
            hop.to,
            isZeroForOne,
            // At most 2^128 - 1, so it stays positive: an exact input.
            int256(hop.amountIn),
            isZeroForOne ? LOWEST : HIGHEST,
            abi.encode(hop.tokenIn, hop.amountIn, payer)
        );
        (int256 deltaIn, int256 deltaOut) = isZeroForOne ? (delta0, delta1) : (delta1, delta0);
        // The pool takes of one token and pays of the other: deltaIn >= 0 >= deltaOut.
        return (uint256(deltaIn), uint256(-deltaOut));
    }

    /// @dev Pays what the calling pool asks. Requires that the caller was armed, so that `data` is `swap`'s own.
    function payCaller(int256 amount0Delta, int256 amount1Delta, bytes calldata data) internal {
        (IERC20 token, uint256 offered, Payer memory payer) = abi.decode(data, (IERC20, uint256, Payer));
        // What the pool pays out is negative, so the other is what it asks; both are 0 where it has no liquidity.
        uint256 asked = uint256(amount0Delta > 0 ? amount0Delta : amount1Delta);
        if (asked > offered) revert ISettlement.AsksTooMuch(msg.sender, asked, offered);
        payer.pay(token, msg.sender, asked);
    }
}
