// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @notice One pool to cross, whatever its kind.
/// @dev `amountIn` is from 0 to 2^128 - 1. The pool pays out to `to`.
struct Hop {
    IERC20 tokenIn;
    IERC20 tokenOut;
    uint256 amountIn;
    address to;
}
