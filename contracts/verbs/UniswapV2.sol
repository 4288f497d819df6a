// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Credit} from "../libraries/Credit.sol";
import {Funding, Payer} from "../libraries/Funding.sol";
import {Hop} from "./Hop.sol";

/// @dev The part of a pair that is used.
interface IUniswapV2Pair {
    function getReserves() external view returns (uint112 reserve0, uint112 reserve1, uint32 blockTimestampLast);
    function swap(uint256 amount0Out, uint256 amount1Out, address to, bytes calldata data) external;
}

/// @title UniswapV2
/// @notice Sells to a constant-product pair: pays it, and asks for the most it would pay out.
library UniswapV2 {
    using Credit for Hop;
    using Funding for Payer;

    /// @dev `kept` is the share of the input that is swapped, in thousandths. The pair itself checks its invariant, so
    /// a token that moves less than it was asked to makes the swap revert; it pays out what is computed here or reverts.
    function swap(
        address pair,
        uint256 kept,
        Hop memory hop,
        Payer memory payer
    ) internal returns (uint256 paid, uint256 got) {
        bool isZeroForOne = address(hop.tokenIn) < address(hop.tokenOut);
        paid = hop.amountIn;
        (uint256 reserveIn, uint256 reserveOut, ) = IUniswapV2Pair(pair).getReserves();
        if (!isZeroForOne) (reserveIn, reserveOut) = (reserveOut, reserveIn);

        // Reserves have 112 bits, amountIn 128 and kept 10, so the products have at most 250.
        uint256 inAfterFee = paid * kept;
        got = (reserveOut * inAfterFee) / (reserveIn * 1000 + inAfterFee);

        payer.pay(hop.tokenIn, pair, paid);
        uint256 heldBefore = hop.held();
        (uint256 out0, uint256 out1) = isZeroForOne ? (uint256(0), got) : (got, uint256(0));
        IUniswapV2Pair(pair).swap(out0, out1, hop.to, "");
        got = hop.arrived(got, heldBefore);
    }
}
