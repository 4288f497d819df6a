// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @dev The part of a wrapped native token that is used.
interface IWrappedNative {
    function deposit() external payable;
}

/// @dev The part of a Uniswap V2 pair that is used.
interface IPair {
    function getReserves() external view returns (uint112 reserve0, uint112 reserve1, uint32 timestamp);
    function swap(uint256 amount0Out, uint256 amount1Out, address to, bytes calldata data) external;
}

/// @dev The part of a Uniswap V3 pool that is used.
interface ITickPool {
    function swap(
        address recipient,
        bool isZeroForOne,
        int256 amountSpecified,
        uint160 limit,
        bytes calldata data
    ) external returns (int256 amount0, int256 amount1);
}

/// @notice One pool of a path. `feePips` is that of a V2 pair, in millionths of the input; a V3 pool knows its own
struct ProbeHop {
    address pool;
    address tokenIn;
    address tokenOut;
    uint24 feePips;
    bool isV3;
}

/// @notice A token to be tried: bought for `amountIn` of the wrapped native token along `hops`, the last of which pays it
struct Trial {
    ProbeHop[] hops;
    uint256 amountIn;
}

/// @notice What a trial showed, in base units of the token. What was `sent` left the one side, `arrived` is by how much
/// the other side's balance grew. `refused` has a bit for each step that reverted: 1 the purchase, 2 a transfer to a
/// fresh address, 4 the transfer on from there, 8 the sale, 16 the trial as a whole
// solhint-disable-next-line gas-struct-packing
struct Finding {
    uint256 refused;
    uint256 bought;
    uint256 boughtArrived;
    uint256 moved;
    uint256 movedArrived;
    uint256 onward;
    uint256 onwardArrived;
    uint256 sold;
    uint256 soldArrived;
    /// What the sale brought, in base units of the last pool's other token
    uint256 proceeds;
    /// The first refusal's own words, at most 256 bytes
    bytes reason;
}
